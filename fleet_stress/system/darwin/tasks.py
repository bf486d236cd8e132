"""macOS: nobody adopts orphans there, and the kernel tells no count of a user's processes."""

from __future__ import annotations

import psutil

__all__ = ["child_pids", "children_of", "has_more_tasks", "kept_waiting", "newest_pid", "waits_for_vfork"]


def child_pids() -> list[int]:
    """None that would have to be collected: orphans go to launchd."""
    return []


def children_of(pid: int) -> list[int]:
    """The children of a process; none where it is gone."""
    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.Error:
        return []


def kept_waiting(pid: int) -> dict[int, float]:
    """None: macOS does not tell how long a thread waited for a processor."""
    del pid
    return {}


def waits_for_vfork(pid: int) -> bool:
    """Not told: False."""
    del pid
    return False


def newest_pid() -> int | None:
    """None: all processes are seen."""
    return None


def has_more_tasks(uid: int, gid: int, known: int) -> bool:
    """Unavailable on macOS: processes are listed, and listed again."""
    del uid, gid, known
    return False
