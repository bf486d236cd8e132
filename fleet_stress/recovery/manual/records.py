"""The records of held faults: how to undo each, and until when it may stay.

There is one journal for all. Each held fault has a name, and a lease by that name. Before the first undo record of a
name, its lease is on disk and a watchdog watches it, so a held fault ends by itself. One process at a time writes.
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
from fleet_stress.recovery.undo import Undo, damaged, open_records, undo_open

#: Their folder, below ours.
FOLDER = "by_hand"
_JOURNAL, _LEASES, _LOCK = "journal.jsonl", "leases", "lock"


class Records:
    """The records of one name. A context manager, during which no other process changes held faults."""

    def __init__(self, stress_dir: Path, name: str) -> None:
        self._folder = stress_dir / FOLDER
        self._name = name

    def __enter__(self) -> Records:
        """Raises OSError."""
        # One by one: mkdir gives parents the mode of the umask.
        for folder in (self._folder, self._folder / _LEASES):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._journal = Journal(self._folder / _JOURNAL, self._name)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """A fault that could not be activated is undone at once, but not one that is somebody else's."""
        if kind is not None and not issubclass(kind, lease.ForAnother):
            with contextlib.suppress(OSError):
                self.undo()
        self._journal.close()
        os.close(self._lock)

    def check_holder(self, holder: str | None) -> None:
        """Raises ForAnother where its lease is for another holder than this id; None stands for everybody."""
        lease.check_holder(lease_of(self._folder.parent, self._name), holder)

    def grant(self, seconds: float, latest: float | None = None, holder: str | None = None) -> None:
        """Begin its lease: so many seconds, at most ``latest`` seconds with renewals; for that holder alone.

        Raises OSError; PermissionError on a host that is halted or has a run, with who and since when.
        """
        halted = halt.sentence(self._folder.parent)
        if halted:
            raise PermissionError(halted)
        lease.grant(lease_of(self._folder.parent, self._name), seconds, latest=latest, holder=holder)
        # Checked after the lease was written: a run looks for held faults after it has the host, so one sees the other.
        run = host_lock.run_here(self._folder.parent)
        if run is not None:
            raise PermissionError(
                f"{host_lock.Busy(run)}: its verdicts would be about what is held; wait until it has ended"
            )

    def record(self, kind: str, **arguments: Any) -> None:
        """Put on disk how to undo what comes next. Raises OSError."""
        Undo(self._journal).record(kind, **arguments)

    def undo(self) -> list[str]:
        """Undo all records of the name, newest first, and end its lease; returns failures as sentences."""
        failures = undo_open(self._journal, who=self._name, parts=False)
        if not failures:
            lease_of(self._folder.parent, self._name).unlink(missing_ok=True)
        return failures


def lease_of(stress_dir: Path, name: str) -> Path:
    """The lease file of a name."""
    return stress_dir / FOLDER / _LEASES / f"{quote(name, safe='')}.json"


def held_by_another(stress_dir: Path, name: str, holder: str | None) -> bool:
    """Whether it is held for another holder than this id; None stands for everybody."""
    return lease.is_for_another(lease_of(stress_dir, name), holder)


def watchdog_guard(stress_dir: Path) -> Path:
    """The lock that the watchdog of held faults takes."""
    return stress_dir / FOLDER / "watchdog.lock"


def watchdog_record(stress_dir: Path) -> Path:
    """How the system removes that watchdog, where it keeps a service (``system.start_service``)."""
    return stress_dir / FOLDER / "watchdog.plist"


def held(stress_dir: Path) -> dict[str, float]:
    """Faults that are held, or about to be: seconds left of each, by name; 0: to be undone."""
    folder = stress_dir / FOLDER
    names = {record["who"] for record in open_records(folder / _JOURNAL)}
    if (folder / _LEASES).is_dir():
        names |= {unquote(path.stem) for path in (folder / _LEASES).glob("[!.]*.json")}
    return {name: lease.left(lease_of(stress_dir, name)) for name in sorted(names)}


def held_now(stress_dir: Path) -> dict[str, float]:
    """As ``held``, once no process is changing them. Raises OSError."""
    if not (stress_dir / FOLDER).is_dir():
        return {}
    with Records(stress_dir, "looking"):
        return held(stress_dir)


def records_of(stress_dir: Path, name: str) -> list[dict[str, Any]]:
    """The open undo records of a name, newest first."""
    return [record for record in open_records(stress_dir / FOLDER / _JOURNAL) if record["who"] == name]


def damaged_records(stress_dir: Path) -> list[str]:
    """A sentence about records that nobody can carry out; empty: there are none."""
    return [sentence for sentence in [damaged(stress_dir / FOLDER / _JOURNAL)] if sentence]


def undo(stress_dir: Path, name: str, *, only_if_run_out: bool = False) -> list[str]:
    """Undo what a name holds; returns failures as sentences. Raises OSError.

    ``only_if_run_out``: leave it alone if its lease was renewed meanwhile.
    """
    with Records(stress_dir, name) as records:
        if only_if_run_out and lease.left(lease_of(stress_dir, name)) > 0:
            return []
        return records.undo()
