"""What is held by hand: how to undo it, and until when it may stand.

One journal for all; whoever holds something has a name, and a lease by that name. Before the first undo record of a
name its lease is on disk and a watchdog looks after it, so that what a person holds ends by itself. One process at
a time writes here.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from fleet_stress.recovery import halt, host_lock, lease
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo, open_records, undo_open

#: Where it lies, relative to the folder that is ours.
FOLDER = "by_hand"
_JOURNAL, _LEASES, _LOCK = "journal.jsonl", "leases", "lock"


class Records:
    """The records of one name. A context manager: nobody else changes what is held meanwhile."""

    def __init__(self, stress_dir: Path, name: str) -> None:
        self._folder = stress_dir / FOLDER
        self._name = name

    def __enter__(self) -> Records:
        """Raises OSError."""
        # Both by hand: of parents mkdir makes what the umask says.
        for folder in (self._folder, self._folder / _LEASES):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._journal = Journal(self._folder / _JOURNAL, self._name)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """What could not be made to stand is undone at once."""
        if kind is not None:
            with contextlib.suppress(OSError):
                self.undo()
        self._journal.close()
        os.close(self._lock)

    def grant(self, seconds: float, latest: float | None = None) -> None:
        """Its lease begins: so many seconds, and renewed not beyond ``latest`` seconds.

        Raises OSError; PermissionError on a host that is halted or has a run, with who and since when.
        """
        halted = halt.sentence(self._folder.parent)
        if halted:
            raise PermissionError(halted)
        lease.grant(lease_of(self._folder.parent, self._name), seconds, latest=latest)
        # Looked at after it was written: a run looks for what is held after it has the host, so one sees the other.
        run = host_lock.run_here(self._folder.parent)
        if run is not None:
            raise PermissionError(
                f"{host_lock.Busy(run)}: its verdicts would be about what is held; wait until it has ended"
            )

    def record(self, kind: str, **arguments: Any) -> None:
        """How to undo what comes next. Raises OSError."""
        Undo(self._journal).record(kind, **arguments)

    def undo(self) -> list[str]:
        """Undo all that the name holds, newest first, and end its lease; failures as sentences."""
        failures = undo_open(self._journal, who=self._name)
        if not failures:
            lease_of(self._folder.parent, self._name).unlink(missing_ok=True)
        return failures


def lease_of(stress_dir: Path, name: str) -> Path:
    """The file of a name's lease."""
    return stress_dir / FOLDER / _LEASES / f"{quote(name, safe='')}.json"


def watchdog_guard(stress_dir: Path) -> Path:
    """The lock that whoever watches what is held has."""
    return stress_dir / FOLDER / "watchdog.lock"


def watchdog_record(stress_dir: Path) -> Path:
    """How the system takes that watchdog away, where it keeps such things (``system.start_service``)."""
    return stress_dir / FOLDER / "watchdog.plist"


def held(stress_dir: Path) -> dict[str, float]:
    """What is held or may be about to be: seconds that each may still stand, by name; 0: to be undone."""
    folder = stress_dir / FOLDER
    names = {one["who"] for one in open_records(folder / _JOURNAL)}
    if (folder / _LEASES).is_dir():
        names |= {unquote(path.stem) for path in (folder / _LEASES).glob("[!.]*.json")}
    return {name: lease.left(lease_of(stress_dir, name)) for name in sorted(names)}


def held_now(stress_dir: Path) -> dict[str, float]:
    """As ``held``, after whoever is just about to hold or undo something. Raises OSError."""
    if not (stress_dir / FOLDER).is_dir():
        return {}
    with Records(stress_dir, "looking"):
        return held(stress_dir)


def standing(stress_dir: Path, name: str) -> list[dict[str, Any]]:
    """The open undo records of a name, newest first."""
    return [one for one in open_records(stress_dir / FOLDER / _JOURNAL) if one["who"] == name]


def undo(stress_dir: Path, name: str, *, only_if_run_out: bool = False) -> list[str]:
    """Undo what a name holds; failures as sentences. Raises OSError.

    ``only_if_run_out`` leaves it alone where its lease was renewed in the meantime.
    """
    with Records(stress_dir, name) as records:
        if only_if_run_out and lease.left(lease_of(stress_dir, name)) > 0:
            return []
        return records.undo()
