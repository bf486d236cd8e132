"""Room on the host: disk, inodes, memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet_controller.hosts.preflight.problem import Problem, problem

#: A bot's environment with its libraries has some ten thousand files.
INODE_FLOOR = 20_000


def disk_problems(facts: Mapping[str, Any], floor_mb: int) -> Iterable[Problem]:
    """That less than ``floor_mb`` (MiB), or too few inodes, are free."""
    where = f"stress_dir {facts['stress_dir']}"
    if facts["disk_free_mb"] < floor_mb:
        yield problem(
            f"not enough disk: {facts['disk_free_mb']} MiB free, {floor_mb} needed (stress_disk_floor_mb)",
            where,
            "a disk that runs full stops the run, and more than the run",
            "make room there, or choose a stress_dir on another disk",
        )
    if facts["inodes_free"] is not None and facts["inodes_free"] < INODE_FLOOR:
        yield problem(
            f"not enough inodes: {facts['inodes_free']} are free, {INODE_FLOOR} are needed",
            where,
            "environments are thousands of small files",
            "make room there, or choose a stress_dir on another disk",
        )


def memory_problems(facts: Mapping[str, Any], floor_mb: int) -> Iterable[Problem]:
    """That less memory than ``floor_mb`` (MiB) is available; a host that cannot tell has enough."""
    available = facts.get("memory_available_mb")
    if available is not None and available < floor_mb:
        yield problem(
            f"not enough memory: {available} MiB available, {floor_mb} needed (stress_memory_floor_mb)",
            f"{facts.get('memory_mb', '?')} MiB in all",
            "a host without memory kills processes, and not only ours",
            "end what needs it, or leave this host out",
        )
