"""macOS: file systems that a bot has made itself; without root it makes none there."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["abort_own_disks"]


def abort_own_disks(pids: Iterable[int]) -> None:
    """There are none."""
    del pids
