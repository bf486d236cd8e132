"""Where things lie on a host: the folder that is ours, and the names in it.

Everything that fleet-stress makes on a host is below one folder, ``stress_dir``, which carries a marker file.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from fleet_stress.store.errors import Damaged
from fleet_stress.store.shipped.marks import ARENA_VARIABLE as ARENA_VARIABLE
from fleet_stress.store.shipped.marks import MARK_VARIABLE as MARK_VARIABLE
from fleet_stress.store.shipped.marks import MARKER as MARKER

#: How a file of ours begins that lies among a bot's.
FILE_PREFIX = "fleet-stress-"
#: The pid of the supervisor that an arena belongs to: one that is not its parent (any more) is dead.
SUPERVISOR_VARIABLE = "FLEET_STRESS_SUPERVISOR"
#: What an arena has beside the record of its state and logs; gone when its scenario is over.
WORKING = ("bot", "home", "tmp", "shm", "fault")

_AGAIN = "Delete that run's folder, and begin a run anew: stress.yml hands a plan over."


class RunFolder:
    """The folder of one run on a host, and the names in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_id = path.name
        self.plan = path / "plan.json"
        self.journal = path / "journal.jsonl"
        self.result = path / "result.json"
        self.verdicts = path / "verdicts"
        self.arenas = path / "arenas"
        self.evidence = path / "evidence"
        self.archive = path / "archive.tar.gz"
        self.log = path / "supervisor.log"
        self.lease = path / "lease.json"
        self.watchdog = path / "watchdog.lock"
        #: How the system takes the watchdog away, where it keeps such things (``system.start_service``).
        self.watchdog_record = path / "watchdog.plist"
        self.ballast = path / "ballast"
        self.collected = path / "collected"

    @property
    def mark(self) -> str:
        """What this run's processes carry. Two folders of ours on one machine may run the same run of a fleet."""
        return mark_of(self.run_id, self.stress_dir)

    @property
    def stress_dir(self) -> Path:
        """The folder that carries the marker, two levels up."""
        return self.path.parent.parent


def mark_of(what: str, stress_dir: Path) -> str:
    """A name for something of ours on this machine: what it is, and of which of our folders."""
    where = hashlib.sha256(os.fsencode(os.path.realpath(stress_dir))).hexdigest()
    return f"{what}.{where[:6]}"


def read_plan(text: str, where: object, *needed: str) -> dict[str, Any]:
    """A plan from its JSON. Raises Damaged where it is none, or lacks what is ``needed``; ``where`` is told."""
    try:
        plan = json.loads(text)
    except ValueError as problem:
        raise Damaged(f"{where}: is no plan ({problem}). {_AGAIN}") from problem
    missing = [name for name in needed if not isinstance(plan, dict) or name not in plan]
    if missing:
        raise Damaged(f"{where}: is no plan (without {', '.join(missing)}). {_AGAIN}")
    return dict(plan)


def run_folders(stress_dir: Path) -> list[RunFolder]:
    """All runs that this host remembers, oldest first."""
    runs = stress_dir / "runs"
    if not runs.is_dir():
        return []
    folders = [entry for entry in runs.iterdir() if entry.is_dir() and not entry.is_symlink()]
    return [RunFolder(path) for path in sorted(folders, key=lambda path: path.stat().st_ctime_ns)]
