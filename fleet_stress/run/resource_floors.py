"""What a host must keep free while it is stressed: a run that would starve it ends itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system

_MIB = 1024 * 1024
#: The ballast. All verdicts and undone lines of a run are far below. Bytes.
BALLAST = 4 * _MIB


class Ballast:
    """A file that only takes room: on a full disk it is deleted, so that what was undone can be written down."""

    def __init__(self, path: Path) -> None:
        """Take the room. Raises OSError where there is none: then nothing should be begun."""
        self._path = path
        with path.open("wb") as stream:
            stream.write(os.urandom(BALLAST))  # zeros take no room on every file system
            stream.flush()
            os.fsync(stream.fileno())

    def drop(self) -> bool:
        """Give the room back; False where that was done before."""
        there = self._path.exists()
        self._path.unlink(missing_ok=True)
        return there


def full(stress_dir: Path) -> bool:
    """Whether the disk where we and the bots write is full: what a bot does then says nothing about it."""
    return shutil.disk_usage(stress_dir).free < _MIB


def starved(stress_dir: Path, limits: Mapping[str, Any]) -> str | None:
    """Which floor of the plan's ``limits`` (``disk_floor_mb``, ``memory_floor_mb``, MiB) is violated; None: none."""
    free = shutil.disk_usage(stress_dir).free // _MIB
    if free < float(limits.get("disk_floor_mb", 0)):
        return (
            f"the disk floor: {free} MiB free where {stress_dir} lies, {limits['disk_floor_mb']:g} must stay"
        )
    memory = system.memory_available()
    if memory and memory // _MIB < float(limits.get("memory_floor_mb", 0)):
        return f"the memory floor: {memory // _MIB} MiB available, {limits['memory_floor_mb']:g} must stay"
    return None
