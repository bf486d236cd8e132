"""Where things lie on a host: the folder that is ours, and what is in it.

Everything that fleet-stress makes on a host lies below one folder, ``stress_dir``. It carries a marker
file; nothing is ever deleted that does not lie below a folder with that marker (law 7 of the design).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from fleet_stress.store.errors import Damaged

MARKER = ".fleet-stress"
#: How a file of ours begins that lies among a bot's.
FILE_PREFIX = "fleet-stress-"
#: Name of the environment variable that every process of an arena inherits: ``<mark of the run>/<scenario>``.
MARK_VARIABLE = "FLEET_STRESS_RUN"
#: The same for an arena's own process, which is ours and not the bot's.
ARENA_VARIABLE = "FLEET_STRESS_ARENA"
#: The pid of the supervisor that an arena belongs to: one that is not its parent (any more) is dead.
SUPERVISOR_VARIABLE = "FLEET_STRESS_SUPERVISOR"
#: What an arena has beside the record of its state and logs; gone when its scenario is over.
WORKING = ("bot", "home", "tmp", "shm", "fault")
#: How often a tree that somebody else is removing as well is tried.
_ATTEMPTS = 20


_AGAIN = "Delete that run's folder, and begin a run anew: stress.yml hands a plan over."


class NotOurs(Exception):
    """Somebody asked us to delete what does not lie below a folder of ours."""


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
        #: How the system takes the watchdog away, where it keeps such things (``host.start_service``).
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


def owner_of(path: Path) -> Path | None:
    """The nearest folder above ``path`` that carries our marker, or None.

    The path's own parents are resolved, so that a link cannot lead us out of our folder.
    """
    parent = Path(os.path.realpath(path.parent))
    for folder in (parent, *parent.parents):
        if (folder / MARKER).is_file():
            return folder
    return None


def remove_tree(path: Path) -> None:
    """Delete ``path`` and all below it; repeatable. Raises NotOurs outside a marked folder."""
    if not os.path.lexists(path):
        return
    if owner_of(path) is None:
        raise NotOurs(f"{path}: not deleted, no folder above it carries {MARKER}")
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return
    for _ in range(_ATTEMPTS):
        try:
            shutil.rmtree(path)
            return
        except FileNotFoundError:  # somebody else removes the same tree: look again
            if not os.path.lexists(path):
                return


def named(folder: Path, prefix: str) -> list[Path]:
    """What is in a folder under names that begin so; nothing where there is no folder, or a link to one."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.name.startswith(prefix)]


def remove_named(folder: Path, prefix: str) -> None:
    """Delete what is in a folder under names that begin so; repeatable. Raises NotOurs as ``remove_tree``."""
    for path in named(folder, prefix):
        remove_tree(path)


def put_back(away: Path, home: Path) -> None:
    """Move what was moved ``away`` back ``home``; repeatable. Raises OSError.

    What stands at home meanwhile goes beside what was away: it is no less somebody's.
    """
    if not os.path.lexists(away):
        return
    if os.path.lexists(home):
        home.rename(away.with_name(f"{away.name}.meanwhile-{time.time_ns()}"))
    away.rename(home)


def write_atomic(path: Path, document: object, mode: int = 0o600) -> None:
    """Write ``document`` as JSON so that a reader sees the old file or the new one, also after a crash."""
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(document, stream, indent=1, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable (fsync(2): a new file's name needs its folder's fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
