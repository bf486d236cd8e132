"""Linux: who gets the processor and the disk first. Both priorities are a thread's own."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import NamedTuple

import psutil

__all__ = ["Priority", "priorities", "set_priority", "slow_down"]


class Priority(NamedTuple):
    """How a thread is scheduled: its niceness, and its I/O class and level where the system has them."""

    thread: int
    nice: int
    io: tuple[int, int] | None

    @property
    def io_idle(self) -> bool | None:
        """True in the idle class; None where there are no classes."""
        return None if self.io is None else self.io[0] == _IO_IDLE[0]


#: ioprio_set(2): the idle class has no levels.
_IO_IDLE = (3, 0)


def priorities(pid: int) -> list[Priority]:
    """The priority of each thread of a process: both are a thread's own (setpriority(2), ioprio_set(2)).

    Empty when the process is gone.
    """
    found = []
    try:
        threads = [int(path.name) for path in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
    for thread in threads:
        with contextlib.suppress(psutil.Error):  # ended meanwhile
            # psutil takes a thread's number where the kernel does.
            one = psutil.Process(thread)
            io = one.ionice()
            found.append(Priority(thread, int(one.nice()), (int(io.ioclass), int(io.value))))
    return found


def slow_down(pid: int) -> None:
    """The least priority there is, for each thread: niceness 19 and the idle I/O class."""
    for priority in priorities(pid):
        set_priority(priority._replace(nice=19, io=_IO_IDLE))


def set_priority(wanted: Priority) -> bool:
    """Give a thread a priority; False when it is gone or only root may."""
    try:
        one = psutil.Process(wanted.thread)
        if wanted.io is not None:
            # "none" (0) takes no level; the kernel then goes by the niceness.
            one.ionice(wanted.io[0], wanted.io[1] if wanted.io[0] in (1, 2) else None)
        one.nice(wanted.nice)
    except psutil.Error:
        return False
    return True
