"""macOS: who gets the processor, the disk and the network first: a process, with all its threads."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

import psutil

from fleet_stress.system.programs import run

__all__ = ["Priority", "priorities", "set_priority", "slow_down"]

#: <sys/resource.h>
_PRIO_DARWIN_PROCESS = 4

_libc = ctypes.CDLL(None, use_errno=True)


class Priority(NamedTuple):
    """How a process is scheduled: its niceness, and whether it is in the background state (1 or 0).

    In that state its scheduling priority is the lowest, its disk I/O is throttled, and so are sockets that it opens
    from then on (setpriority(2), PRIO_DARWIN_BG).
    """

    thread: int
    nice: int
    io: tuple[int, int] | None

    @property
    def io_idle(self) -> bool | None:
        """True in the background state; None where the system does not tell."""
        return None if self.io is None else self.io[0] == 1


def background(pid: int) -> int | None:
    """Whether others have put a process into the background state: 1 or 0; None: the system does not tell.

    getpriority(2) with PRIO_DARWIN_PROCESS (xnu, kern_resource.c, get_background_proc).
    """
    ctypes.set_errno(0)
    state = _libc.getpriority(_PRIO_DARWIN_PROCESS, pid)
    return None if ctypes.get_errno() else int(state)


def priorities(pid: int) -> list[Priority]:
    """The priority of a process, as that of one thread; empty when it is gone."""
    try:
        nice = int(psutil.Process(pid).nice())
    except psutil.Error:
        return []
    state = background(pid)
    return [Priority(pid, nice, None if state is None else (state, 0))]


def slow_down(pid: int) -> None:
    """The least priority there is: niceness 19 (renice(8): of the whole process) and the background state."""
    for priority in priorities(pid):
        set_priority(priority._replace(nice=19, io=(1, 0)))


def set_priority(wanted: Priority) -> bool:
    """Give a process a priority; False when it is gone or only root may.

    taskpolicy(8) moves a running process into the background state and out of it (``-b``, ``-B``, ``-p``); its other
    policies (``-c``, ``-d``) are for programs that it starts.
    """
    if wanted.io is not None:
        moved = run(["taskpolicy", "-b" if wanted.io[0] else "-B", "-p", str(wanted.thread)])
        if moved.code != 0:
            return False
    try:
        psutil.Process(wanted.thread).nice(wanted.nice)
    except psutil.Error:
        return False
    return True
