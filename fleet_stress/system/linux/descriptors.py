"""Linux: the file descriptors of another process, and how many it may have (proc_pid_fd(5), prlimit(2))."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from fleet_stress.system.users import WELL, as_user

__all__ = [
    "SEES_DESCRIPTORS",
    "descriptor_limit",
    "descriptor_target",
    "descriptors",
    "limit_descriptors",
    "waits_in_pipe",
    "why_no_descriptor_limits",
]

#: Whether the file of another process's descriptor is visible.
SEES_DESCRIPTORS = True


def why_no_descriptor_limits() -> str | None:
    """Why another process's limit cannot be changed; None: it can."""
    return None if hasattr(resource, "prlimit") else "this Python has no prlimit(2)"


def descriptors(pid: int) -> set[int]:
    """The numbers of its open descriptors; empty: it is gone or inaccessible."""
    try:
        return {int(path.name) for path in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()


def descriptor_target(pid: int, descriptor: int) -> str | None:
    """What a descriptor of a process leads to (``pipe:[1234]``); None: it is closed, or the process is gone."""
    try:
        return str(Path(f"/proc/{pid}/fd/{descriptor}").readlink())
    except OSError:
        return None


def waits_in_pipe(pid: int) -> bool:
    """Whether a thread of a process waits until a full pipe has room (proc_pid_wchan(5)); False where it is not told.

    The kernel's function is ``pipe_wait`` before Linux 5.5, then ``pipe_write``, and ``anon_pipe_write`` since 6.15.
    """
    try:
        channels = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/wchan")]
    except OSError:
        return False
    return any(channel.endswith(("pipe_write", "pipe_wait")) for channel in channels)


def descriptor_limit(pid: int) -> int | None:
    """The first number that it cannot open (RLIMIT_NOFILE, the soft limit); None: it is gone."""
    try:
        lines = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    words = next(line for line in lines if line.startswith("Max open files")).split()
    return int(words[3])


def limit_descriptors(pid: int, below: int) -> None:
    """Let a process open only numbers below ``below``; what is open stays. Raises OSError.

    It sets only the soft limit, as only root could raise the hard one again, and as the process's own user, which
    needs no capability that a container's root may lack.
    """

    def attempt() -> None:
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (below, hard))

    owner = os.stat(f"/proc/{pid}")  # noqa: PTH116  # raises for one that is gone
    result = as_user(owner.st_uid, owner.st_gid, attempt)
    if result != WELL:
        raise OSError(f"the limit of process {pid} cannot be set: {result}")
