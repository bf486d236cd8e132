"""Linux: file systems that a bot has made itself, in which its processes hang so that even SIGKILL does not end them.

Whoever may make user namespaces may mount FUSE in one. A server that waits for itself is killed in vain: the kernel
gives no answer before the server does, and the server does not go before it has one (fuse.rst of the kernel,
"Interrupting filesystem operations": aborting the connection is the way out).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from fleet_stress.store.bare_python.mount_table import of_linux
from fleet_stress.system.linux.mounts import in_scratch_mounts, mount_kind

__all__ = ["abort_own_disks"]

_CONNECTIONS = Path("/sys/fs/fuse/connections")


def abort_own_disks(pids: Iterable[int]) -> None:
    """Let whoever hangs in a file system that these processes have made themselves go on, with an error (ENOTCONN).

    Only in those of other user namespaces, and in none that is mounted where we are, or where process 1 is.
    """
    others = _disks(Path("/proc/self")) | _disks(Path("/proc/1"))
    found = {disk for pid in pids for task in _tasks(pid) if _is_elsewhere(task) for disk in _disks(task)}
    if found - others and not _abort(found - others):
        in_scratch_mounts(lambda: _abort_unseen(found - others))


def _abort(disks: set[str]) -> bool:
    """Whether all were aborted."""
    done = True
    for disk in disks:
        try:
            descriptor = os.open(_CONNECTIONS / disk / "abort", os.O_WRONLY)
        except OSError:  # gone by now, or the list of connections is not mounted
            done = False
            continue
        with contextlib.suppress(OSError):
            os.write(descriptor, b"1")
        os.close(descriptor)
    return done


def _abort_unseen(disks: set[str]) -> str:
    """Where the list of connections is not mounted: mounted for a moment, for us alone."""
    if mount_kind("fusectl", _CONNECTIONS):
        _abort(disks)
    return ""


def _tasks(pid: int) -> list[Path]:
    """Its threads: where the first one has ended, only another one tells what is mounted."""
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _is_elsewhere(task: Path) -> bool:
    try:
        return (task / "ns/user").readlink() != Path("/proc/self/ns/user").readlink()
    except OSError:  # ended meanwhile
        return False


def _disks(task: Path) -> set[str]:
    """The minor numbers of FUSE's devices that are mounted where a task is: the names of their connections."""
    try:
        mountinfo = (task / "mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return set()
    return {
        mount.device.partition(":")[2] for mount in of_linux(mountinfo) if mount.kind.split(".")[0] == "fuse"
    }
