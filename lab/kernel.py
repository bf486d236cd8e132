"""The few system calls that a lab is made of and Python 3.11 has no name for. Each raises OSError."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

# <sched.h>
NEW_MOUNTS = 0x00020000
NEW_CGROUP = 0x02000000
NEW_UTS = 0x04000000
NEW_IPC = 0x08000000
NEW_PIDS = 0x20000000
NEW_NET = 0x40000000
# <sys/mount.h>
READ_ONLY, NO_SUID, NO_DEV, NO_EXEC = 1, 2, 4, 8
RECURSIVE, PRIVATE = 16384, 1 << 18
_DETACH = 2
# <sys/prctl.h>, <sys/syscall.h> (the number is the same for all but the oldest calls: looked up by machine)
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP = 1, 24
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(what: int) -> None:
    """The calling process leaves these namespaces for new ones; for ``NEW_PIDS`` its next child does."""
    _checked(_libc.unshare(what), "unshare")


def enter(descriptor: int, what: int = 0) -> None:
    """The calling thread enters the namespace that a descriptor of ``/proc/PID/ns/…`` stands for."""
    _checked(_libc.setns(descriptor, what), "setns")


def mount(kind: str | None, target: str | Path, flags: int = 0, options: str = "") -> None:
    """The system call of this name; without a kind, it changes the flags of what is mounted there."""
    name = kind.encode() if kind else None
    _checked(
        _libc.mount(name or b"none", os.fsencode(target), name, flags, options.encode()), f"mount {target}"
    )


def make_root(folder: str | Path) -> None:
    """``folder``, a mount, becomes the root of this mount namespace, and nothing of the old one is seen."""
    os.chdir(folder)
    # pivot_root(2), "pivot_root(".", ".")": the old root lies on top of the new one, and is taken off.
    _checked(_libc.syscall(_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", _DETACH), "umount")
    os.chdir("/")


def die_with_parent() -> None:
    """The calling process gets SIGKILL when the thread that started it ends (prctl(2))."""
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def forgo(capability: int) -> None:
    """No program started from now on has this capability (prctl(2), PR_CAPBSET_DROP)."""
    _checked(_libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0), "prctl")


def started(pid: int) -> int | None:
    """When a living process was started, in clock ticks since boot: tells it from a later one with its pid."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] in "ZX" else int(words[19])


def _checked(returned: int, what: str) -> None:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
