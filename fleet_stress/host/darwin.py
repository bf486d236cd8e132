"""macOS: there are no namespaces and no parent-death signal; the arena's own watching stands in for them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from fleet_stress.host.run import run


def boot_id() -> str:
    """Another one after each boot (``sysctl kern.bootsessionuuid``)."""
    return run(["sysctl", "-n", "kern.bootsessionuuid"]).stdout.strip()


def boot_clock() -> float:
    """Seconds since some moment of this boot, sleep counted in (clock_gettime(3) of macOS)."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def is_of_this_system(pid: int) -> bool:
    """True: macOS has no containers of its own."""
    return pid > 0


def has_service_manager() -> bool:
    """Whether systemd runs here: never."""
    return False


def holds_write_lock(pid: int, path: Path, places: Collection[int]) -> bool:
    """False: macOS tells nobody who holds a lock."""
    del pid, path, places
    return False


class Writes:
    """Tells that something in a folder is being written, by looking very often. A context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = self._look()

    def __enter__(self) -> Writes:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _look(self) -> list[tuple[str, int]]:
        with contextlib.suppress(OSError):
            return sorted((one.name, one.stat().st_mtime_ns) for one in os.scandir(self._folder))
        return []

    def wait(self, seconds: float) -> bool:
        """Wait for a write, at most so long; True: there was one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            now = self._look()
            if now != self._known:
                self._known = now
                return True
            time.sleep(0.0005)
        return False

    def names(self, seconds: float) -> list[str]:
        """Wait for writes, at most so long; the names of what was written."""
        before = dict(self._known)
        if not self.wait(seconds):
            return []
        return [name for name, written in self._known if before.get(name) != written]


def die_with_parent() -> None:
    """Not to be had on macOS: the arena ends its bots, and ``recover`` does where the arena was killed."""


def adopt_orphans() -> bool:
    """Not to be had on macOS: detached children are found by the mark in their environment."""
    return False


def private_folders(folders: Mapping[Path, Path]) -> bool:
    """Not to be had on macOS: what is written to the shared temporary folders is looked for instead."""
    return not folders
