"""Linux: processes that a list of them does not show: one's own dead children, and what a user has at one moment."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path

import psutil

from fleet_stress.system.users import as_user

__all__ = ["child_pids", "children_of", "has_more_tasks", "kept_waiting", "newest_pid", "waits_for_vfork"]

#: The first PID namespace, in which all processes are seen (PROC_PID_INIT_INO, linux/proc_ns.h).
_OF_ALL = "pid:[4026531836]"


def child_pids() -> list[int]:
    """The children of the calling process, the dead among them that nobody has waited for."""
    return children_of(os.getpid())


def children_of(pid: int) -> list[int]:
    """The children of a process, its dead ones among them; none where it is gone (proc_tid_children(5))."""
    found: list[int] = []
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(ProcessLookupError):  # a thread that ends meanwhile
                found += map(int, (thread / "children").read_text(encoding="ascii").split())
    except OSError:  # a kernel without that file, or a process that is gone
        try:
            return [child.pid for child in psutil.Process(pid).children()]
        except psutil.Error:
            return []
    return found


def kept_waiting(pid: int) -> dict[int, float]:
    """Seconds that each thread of a process was ready to run and had no processor, by its number.

    That is the second field of ``/proc/PID/task/TID/schedstat`` (Documentation/scheduler/sched-stats.rst), in
    nanoseconds; what a control group's quota holds back counts as well. None for a process that is gone, or where the
    kernel does not count it.
    """
    waited: dict[int, float] = {}
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = (thread / "schedstat").read_text(encoding="ascii").split()
                waited[int(thread.name)] = int(fields[1]) / 1e9
    return waited


def waits_for_vfork(pid: int) -> bool:
    """Whether a process stands still until its child has begun its program (vfork(2)); False where it is not told.

    No signal but SIGKILL reaches it meanwhile. The kernel's function (proc_pid_wchan(5)) is ``kernel_clone``, and
    ``_do_fork`` before Linux 5.10.
    """
    try:
        return Path(f"/proc/{pid}/wchan").read_text(encoding="ascii") in ("kernel_clone", "_do_fork")
    except OSError:
        return False


def newest_pid() -> int | None:
    """The number of the process that was started last, in our PID namespace; None where all processes are seen.

    In a container the count of ``has_more_tasks`` is not of what is seen here alone: other containers may have the same
    user. What is started here gets a number here (proc_loadavg(5), the fifth field).
    """
    if str(Path("/proc/self/ns/pid").readlink()) == _OF_ALL:
        return None
    return int(Path("/proc/loadavg").read_text(encoding="ascii").split()[4])


def has_more_tasks(uid: int, gid: int, known: int) -> bool:
    """Whether a user has more than ``known`` processes and threads at this moment. Needs root; else False.

    The kernel counts them as they are born and collected, so one that is gone before /proc is read counts as well. It
    is asked by trying to start one more with a limit that has room for just the known ones (RLIMIT_NPROC).
    """
    if os.geteuid() != 0 or uid == 0:
        return False

    def attempt() -> None:
        # The known ones, the one that tries, and the one that it starts.
        resource.setrlimit(resource.RLIMIT_NPROC, (known + 2, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)

    return as_user(uid, gid, attempt) == "EAGAIN"
