"""Linux: System V objects and POSIX message queues, which outlive their makers (sysvipc(7), mq_overview(7))."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from fleet_stress.system.linux.mounts import in_scratch_mounts, mount_kind

__all__ = ["ipc_objects", "new_ipc"]

# <sched.h>
_CLONE_NEWIPC = 0x08000000
#: Files below /proc/sysvipc: what they list, and the column with its number (proc(5)).
_SYSTEM_V = {
    "shm": ("shared memory", "shmid"),
    "sem": ("semaphores", "semid"),
    "msg": ("message queue", "msqid"),
}
_QUEUES = Path("/dev/mqueue")

_libc = ctypes.CDLL(None, use_errno=True)


def new_ipc() -> bool:
    """Give the calling process and its children System V objects and message queues of their own (ipc_namespaces(7)).

    They go with the last process. False: not allowed, and nothing changed. Where the system shows its queues as files
    (/dev/mqueue), a process with mounts of its own sees its own ones there.
    """
    if _libc.unshare(_CLONE_NEWIPC) != 0:
        return False
    if os.path.ismount(_QUEUES):
        return mount_kind("mqueue", _QUEUES)
    return True


def ipc_objects(uid: int) -> list[str]:
    """Objects that a user owns or has made, in the caller's namespace, as short descriptions."""
    found = []
    for kind, (words, number) in _SYSTEM_V.items():
        for line in _lines(kind):
            if uid in (int(line["uid"]), int(line["cuid"])):
                found.append(f"{words} {line[number]} (key {line['key']})")
    return found + [f"message queue /{name}" for name in _queues(uid)]


def _lines(kind: str) -> list[dict[str, str]]:
    try:
        head, *lines = Path(f"/proc/sysvipc/{kind}").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):  # a kernel without it
        return []
    return [dict(zip(head.split(), line.split())) for line in lines]


def _queues(uid: int) -> list[str]:
    def names() -> list[str]:
        return sorted(entry.name for entry in os.scandir(_QUEUES) if entry.stat().st_uid == uid)

    if os.path.ismount(_QUEUES):
        try:
            return names()
        except OSError:
            return []
    return in_scratch_mounts(lambda: _shown(uid)).splitlines()


def _shown(uid: int) -> str:
    """The names of the user's queues, where the system does not show any: shown for a moment, to us alone."""
    where = Path("/proc")  # a folder that is always there
    if not mount_kind("mqueue", where):
        return ""
    return "\n".join(sorted(entry.name for entry in os.scandir(where) if entry.stat().st_uid == uid))
