"""One run at a time on a host, and one recovery, tidying or purge: an advisory lock, which a death releases."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.store.bare_python import lock_holder
from fleet_stress.store.bare_python.lock_holder import HOST_LOCK, MOVE_LOCK
from fleet_stress.store.bare_python.lock_holder import MOMENT as MOMENT
from fleet_stress.store.bare_python.lock_holder import Busy as Busy
from fleet_stress.store.bare_python.lock_holder import holder_of as holder_of


class FileLock(lock_holder.FileLock):
    """A lock that says of its holder, besides, when its process was started."""

    def __init__(self, path: Path, about: Mapping[str, Any], within: float = MOMENT) -> None:
        """As that one."""
        super().__init__(path, {"began": system.process_start(os.getpid()), **about}, within)


class HostLock(FileLock):
    """The lock of a host."""

    def __init__(self, stress_dir: Path, about: Mapping[str, Any], within: float = MOMENT) -> None:
        """As ``FileLock``; ``stress_dir``: our folder on the host."""
        super().__init__(stress_dir / HOST_LOCK, about, within)


def pid_of(holder: Mapping[str, Any]) -> int | None:
    """The holder's pid, if it is a process, and the one that wrote this: for a moment a dead one's words are there."""
    try:
        pid = int(holder["pid"])
    except (KeyError, TypeError, ValueError):
        return None
    began = system.process_start(pid)
    return pid if began is not None and holder.get("began", began) in (began, None) else None


def holder(stress_dir: Path) -> dict[str, Any] | None:
    """What the holder of the host wrote about itself; None: the host is free."""
    return holder_of(stress_dir / HOST_LOCK)


def run_here(stress_dir: Path) -> dict[str, Any] | None:
    """The same for a run; None also while something else holds the host, such as a recovery."""
    found = holder(stress_dir)
    return found if found is not None and "run_id" in found else None


def holds(stress_dir: Path, run_id: str) -> bool:
    """Whether that run holds the host, which means that its supervisor is alive."""
    return (holder(stress_dir) or {}).get("run_id") == run_id


@contextlib.contextmanager
def alone(stress_dir: Path, doing: str, within: float = MOMENT) -> Iterator[None]:
    """Nobody takes a plan, and no run begins or goes on, while this lasts. Raises Busy, OSError."""
    with move(stress_dir, doing, within), HostLock(stress_dir, {"doing": doing}, within):
        yield


def move(stress_dir: Path, doing: str, within: float) -> FileLock:
    """The lock of who moves runs in or out: a plan that is handed over, records that are removed. Raises Busy.

    A run does not hold it. Taken before the host's lock, never after.
    """
    return FileLock(stress_dir / MOVE_LOCK, {"doing": doing}, within)
