"""macOS: System V objects, which outlive their makers (ipcs(1)). It has no POSIX message queues."""

from __future__ import annotations

import pwd

from fleet_stress.system.programs import run

__all__ = ["ipc_objects", "new_ipc"]

_KINDS = {"m": "shared memory", "s": "semaphores", "q": "message queue"}


def new_ipc() -> bool:
    """Unavailable on macOS: what bots leave is looked for instead."""
    return False


def ipc_objects(uid: int) -> list[str]:
    """Objects that a user owns or has made, as short descriptions. Named POSIX ones cannot be listed there."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    # T     ID     KEY        MODE       OWNER    GROUP  CREATOR   CGROUP
    lines = [line.split() for line in run(["ipcs", "-c"]).stdout.splitlines()]
    return [
        f"{_KINDS[line[0]]} {line[1]} (key {line[2]})"
        for line in lines
        if len(line) > 6 and line[0] in _KINDS and name in (line[4], line[6])
    ]
