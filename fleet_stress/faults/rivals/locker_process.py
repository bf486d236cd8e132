"""A process of ours that locks SQLite databases as another program of the bot's user would, or tries to.

    python -I -m fleet_stress.faults.rivals.locker_process hold SECONDS UID GID PATH...    until its input is closed
    python -I -m fleet_stress.faults.rivals.locker_process try SECONDS UID GID PATH...     and let go at once

For another's lock it waits so many seconds. BEGIN EXCLUSIVE is the strongest lock that there is: with a rollback
journal nobody else reads or writes, with a write-ahead log nobody else writes (sqlite.org/lang_transaction.html).
Nothing is written in it, so no journal is made for it, and a kill leaves none behind; the kernel drops the lock with
the process (fcntl(2)). A database that is not there is not made. Each says a line of JSON for the databases: ``well``,
or what SQLite says.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from fleet_stress import system


def hold(paths: Sequence[Path], patience: float) -> None:
    """Lock all, say so, and hold them until standard input is closed, which the end of whoever asked does as well."""
    with contextlib.ExitStack() as held:
        print(json.dumps([_locked(path, patience, held) for path in paths]), flush=True)
        sys.stdin.read()


def attempt(paths: Sequence[Path], patience: float) -> None:
    """Lock each, and let it go again at once."""
    answers = []
    for path in paths:
        with contextlib.ExitStack() as held:
            answers.append(_locked(path, patience, held))
    print(json.dumps(answers), flush=True)


def _locked(path: Path, patience: float, held: contextlib.ExitStack) -> str:
    try:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, timeout=patience, isolation_level=None
        )
        held.callback(connection.close)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as problem:
        return str(problem)
    held.callback(connection.rollback)
    return system.WELL


def main(words: Sequence[str]) -> None:
    """Become the bot's user, and do it."""
    verb, patience, uid, gid, *paths = words
    system.become(int(uid), int(gid))
    system.die_with_parent()  # which a change of user clears
    doing = {"hold": hold, "try": attempt}[verb]
    doing([Path(path) for path in paths], float(patience))


if __name__ == "__main__":
    main(sys.argv[1:])
