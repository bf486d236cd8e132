"""macOS: the memory of a process (its physical footprint, as Activity Monitor shows it) and of the machine."""

from __future__ import annotations

import ctypes

import psutil

from fleet_stress.store.bare_python import memory
from fleet_stress.system.memory import Memory, Pages

__all__ = ["memory_available", "memory_of", "memory_of_host", "pages_of"]

#: proc_pid_rusage(3) is in libSystem, of which this is another name (<libproc.h>).
_LIBRARY = "/usr/lib/libproc.dylib"
_RUSAGE_INFO_V0 = 0


class _Usage(ctypes.Structure):
    """``struct rusage_info_v0`` of <sys/resource.h>; all fields of 64 bits."""

    _fields_ = [  # as ctypes has it
        ("uuid", ctypes.c_uint8 * 16),
        *(
            (name, ctypes.c_uint64)
            for name in (
                *("user_time", "system_time", "pkg_idle_wkups", "interrupt_wkups", "pageins"),
                *("wired_size", "resident_size", "phys_footprint", "start_abstime", "exit_abstime"),
            )
        ),
    ]


def memory_of(pid: int) -> Memory | None:
    """What a process holds: resident, and its footprint; None when it is gone or not ours to look at."""
    try:
        resident = psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return None
    return Memory(rss=int(resident), private=_footprint(pid))


def pages_of(_pid: int) -> Pages:
    """Nothing: only a process with the right to another's task port may walk through its memory."""
    return Pages()


def _footprint(pid: int) -> int | None:
    """Physical footprint of a process in bytes; None when it is gone or not ours to look at.

    What the kernel charges it for: dirty and compressed pages, no clean pages of files. Resident size counts what is
    shared and forgets what was compressed, so it neither shows a leak for certain nor excludes one.
    """
    try:
        library = ctypes.CDLL(_LIBRARY, use_errno=True)
        usage = _Usage()
        code = library.proc_pid_rusage(ctypes.c_int(pid), _RUSAGE_INFO_V0, ctypes.byref(usage))
    except (OSError, AttributeError):
        return None
    return int(usage.phys_footprint) if code == 0 else None


def memory_available() -> int:
    """Bytes of memory that can be given out without swapping."""
    return int(psutil.virtual_memory().available)


def memory_of_host() -> int:
    """Bytes of memory of the machine."""
    return memory.of_host()
