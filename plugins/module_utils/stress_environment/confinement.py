"""What the kernel does so that no process of a build outlives it. Each call says whether it could.

Linux alone has these; elsewhere all of them say no.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

# <sched.h>, <sys/mount.h>, <sys/prctl.h>
_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWPID = 0x00020000, 0x08000000, 0x20000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_SLAVE = 2, 4, 8, 16384, 1 << 19
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38

#: Processes of one user, of a build and of all else that runs as that user; make -j on many cores has some hundred.
MOST_PROCESSES = 4096

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def enter_namespaces() -> bool:
    """The caller's next child is the init of a PID namespace: when it ends, the kernel kills all in there.

    pid_namespaces(7); needs CAP_SYS_ADMIN, which root in a container may lack. With it goes an IPC namespace, so that
    no System V memory stays, and a mount namespace for ``mount_proc``.
    """
    if _libc is None or os.geteuid() != 0:
        return False
    return bool(_libc.unshare(_CLONE_NEWPID | _CLONE_NEWNS | _CLONE_NEWIPC) == 0)


def mount_proc() -> bool:
    """In a PID namespace: /proc shows its processes. Where that is refused, the host's stays (its numbers differ)."""
    if _libc is None:
        return False
    # A slave: what the host unmounts meanwhile goes here too, and is not kept busy.
    if _libc.mount(None, b"/", None, _MS_REC | _MS_SLAVE, None) != 0:
        return False
    return bool(_libc.mount(b"proc", b"/proc", b"proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, None) == 0)


def adopt_orphans() -> bool:
    """Descendants of the caller stay its descendants, whatever they do (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    return _libc is not None and _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def die_with_parent() -> bool:
    """The caller is killed when its parent dies (PR_SET_PDEATHSIG). To be called again after its user changed."""
    return _libc is not None and _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0


def give_up_privileges() -> None:
    """No program that the caller starts gets more rights: no sudo, and no crontab or at, whose jobs would stay."""
    if _libc is not None:
        _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def limit_processes() -> None:
    """The user that the caller is about to become cannot fill the table of processes (setrlimit(2), RLIMIT_NPROC)."""
    with suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        allowed = [limit for limit in (soft, hard, MOST_PROCESSES) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_NPROC, (min(allowed), min(allowed)))
