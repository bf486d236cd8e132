"""What a file of the bot holds, in its format: the one way in which watching, snapshots and faults read.

``json`` and ``text`` are read as they stand. A database (``sqlite``) is read as a JSON object of the numbers
that the profile asks it for, so that whoever judges needs to know of no format.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from fleet_stress.observe import bot_files, sqlite
from fleet_stress.observe.bot_files import Tracked

#: What a format is called in a finding.
KINDS = {"json": "JSON", "sqlite": "database", "text": "text"}


def read(tracked: Tracked, path: Path | None = None) -> bytes | None:
    """Its content, or that of its backup at ``path``; None where there is nothing to read."""
    path = path or tracked.path
    if tracked.format == "sqlite":
        return sqlite.read(path, tracked.numbers, tracked.scratch)
    return bot_files.read_regular(path)


def stamp(tracked: Tracked, path: Path | None = None) -> sqlite.Stamp | None:
    """Inode, time of the last change (ns) and size, by which a change is seen; None: no regular file."""
    path = path or tracked.path
    if tracked.format == "sqlite":
        return sqlite.stamp(path)
    try:
        status = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def being_written(names: Sequence[str], folder: Path, pid: int, tracked: Iterable[Tracked]) -> list[str]:
    """Of the files that a process has open for writing, those that it is in the middle of writing.

    ``names`` are relative to ``folder``. A database is open all the time: only a transaction counts.
    """
    resting = {
        str(path)
        for one in tracked
        if one.format == "sqlite" and not sqlite.being_written(pid, one.path)
        for path in sqlite.family(one.path)
    }
    return [name for name in names if str(folder / name) not in resting]
