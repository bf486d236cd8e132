"""Where things lie on a host: the folder that is ours, and the names in it.

Everything that fleet-stress makes on a host is below one folder, ``stress_dir``, which carries a marker file.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from fleet_stress.store.bare_python.marks import ARENA_VARIABLE as ARENA_VARIABLE
from fleet_stress.store.bare_python.marks import MARK_VARIABLE as MARK_VARIABLE
from fleet_stress.store.bare_python.marks import MARKER as MARKER
from fleet_stress.store.bounded_read import DOCUMENT_LIMIT, from_json
from fleet_stress.store.errors import Damaged

#: Prefix of our files among a bot's.
FILE_PREFIX = "fleet-stress-"
#: The pid of an arena's supervisor: if it is no longer the arena's parent, it is dead.
SUPERVISOR_VARIABLE = "FLEET_STRESS_SUPERVISOR"
#: Below it, an arena's own folder for each other one that everybody on the host may write to.
SHARED = "shared"
#: An arena's folders besides its state and logs, removed when its scenario is over.
WORKING = ("bot", "home", "tmp", "shm", SHARED, "fault")

#: Characters of an arena's name: as many as `baseline` has; and of the folder for a scenario's visits, and of a visit.
_ARENA, _VISITS, _VISIT = 8, 4, 3

_AGAIN = "Delete that run's folder, and begin a run anew: stress.yml hands a plan over."


def name_of_ours(what: str) -> str:
    """A name among a bot's files that no file of the bot's has, and that it cannot have made before us."""
    return f"{FILE_PREFIX}{what}-{secrets.token_hex(8)}"


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
        #: How the system removes the watchdog, where it keeps a service (``system.start_service``).
        self.watchdog_record = path / "watchdog.plist"
        #: What its arenas share of the network (``scenario.neighbours``).
        self.neighbours = path / "neighbours.json"
        self.ballast = path / "ballast"
        self.collected = path / "collected"

    @property
    def mark(self) -> str:
        """The mark of this run's processes. Two of our folders on one machine may have a run of the same id."""
        return mark_of(self.run_id, self.stress_dir)

    def arena(self, scenario: str) -> Path:
        """The folder of an arena: of a scenario, or of a visit (``crash_points/points/007``).

        No row has longer paths than the baseline, or it would be blamed for them: a socket's path may have 107
        characters and no more (unix(7)), 103 on macOS. Earlier versions took the whole id, which is still found.
        """
        whole = self.arenas / scenario
        if whole.is_dir():
            return whole
        one, _, visit = scenario.partition("/")
        if not visit:
            return self.arenas / _short(one, _ARENA)
        name = visit.rpartition("/")[2]
        return self.visits(one) / (name if name.isdigit() else _short(name, _VISIT))

    def visits(self, scenario: str) -> Path:
        """The folder of the arenas of a scenario's visits."""
        return self.arenas / _short(f"{scenario}/", _VISITS)

    @property
    def stress_dir(self) -> Path:
        """The folder that carries the marker, two levels up."""
        return self.path.parent.parent


def _short(name: str, most: int) -> str:
    """A name of at most so many characters, which differs where the names differ: its beginning, and a hash."""
    if len(name) <= most and "/" not in name:
        return name
    kept = most * 3 // 8
    hashed = base64.b32encode(hashlib.sha256(os.fsencode(name)).digest()).decode().lower()
    return name[:kept] + hashed[: most - kept]


def mark_of(what: str, stress_dir: Path) -> str:
    """A name that is unique on this machine: what it is, and a hash of our folder."""
    where = hashlib.sha256(os.fsencode(os.path.realpath(stress_dir))).hexdigest()
    return f"{what}.{where[:6]}"


def stored_plan(path: Path, *needed: str) -> dict[str, Any]:
    """The plan in a run's folder. Raises Damaged, as ``read_plan``, and OSError."""
    with path.open("rb") as stream:
        return read_plan(stream.read(DOCUMENT_LIMIT), path, *needed)


def read_plan(text: str | bytes, where: object, *needed: str) -> dict[str, Any]:
    """A plan from its JSON. Raises Damaged, which names ``where``, if it is none or lacks what is ``needed``."""
    try:
        plan = from_json(text)
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
    made: dict[Path, int] = {}
    for entry in runs.iterdir():
        try:
            status = entry.lstat()
        except FileNotFoundError:  # it is being tidied away
            continue
        if stat.S_ISDIR(status.st_mode):
            made[entry] = status.st_ctime_ns
    return [RunFolder(path) for path in sorted(made, key=lambda path: made[path])]
