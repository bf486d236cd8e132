"""macOS: who gets the processor first: a process, with all its threads."""

from __future__ import annotations

from typing import NamedTuple

import psutil


class Priority(NamedTuple):
    """How a process is scheduled: its niceness. I/O classes come with taskpolicy, which is not used yet."""

    thread: int
    nice: int
    io: tuple[int, int] | None

    @property
    def io_idle(self) -> bool | None:
        """There are no classes."""
        return None


def priorities(pid: int) -> list[Priority]:
    """The priority of a process, as that of one thread; empty when it is gone."""
    try:
        return [Priority(pid, int(psutil.Process(pid).nice()), None)]
    except psutil.Error:
        return []


def slow_down(pid: int) -> None:
    """The least priority there is: niceness 19 (renice(8): of the whole process)."""
    for one in priorities(pid):
        set_priority(one._replace(nice=19))


def set_priority(wanted: Priority) -> bool:
    """Give a process a priority; False when it is gone or only root may."""
    try:
        psutil.Process(wanted.thread).nice(wanted.nice)
    except psutil.Error:
        return False
    return True
