"""A control group that limits memory, of version 1 or 2: made, read, and what its members need. Linux's alone.

Files that the members have read count as well, and the kernel takes those back before it kills anybody; and it counts
in advance, some for each processor. What they *need* is the rest: their own memory, and the kernel's for them. See
memory.rst and cgroup-v2.rst of the kernel.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import NamedTuple

from fleet_stress.system.cgroups import Group, make_empty

#: Seconds between two measurements.
_LOOK = 0.02


class MemoryEvents(NamedTuple):
    """What the kernel has counted for a group so far."""

    limit_bytes: int | None
    #: How often an allocation hit the limit.
    hits: int
    #: How many of its processes were killed for that.
    killed: int


def make(group: Group, limit: int | None) -> None:
    """Make it, with a limit in bytes or none; where the kernel counts swapping, there is none. Raises OSError."""
    make_empty(group)
    if limit is None:
        return
    if group.version == 2:
        _write(group.path / "memory.max", limit)
        with contextlib.suppress(OSError):  # a kernel without swap
            _write(group.path / "memory.swap.max", 0)
    else:
        _write(group.path / "memory.limit_in_bytes", limit)
        with contextlib.suppress(OSError):
            _write(group.path / "memory.memsw.limit_in_bytes", limit)


def events(group: Group) -> MemoryEvents:
    """What the kernel has counted for it. Raises OSError."""
    path = group.path
    if group.version == 2:
        counted = _table(path / "memory.events")
        limit = (path / "memory.max").read_text(encoding="ascii").strip()
        killed = counted.get("oom_kill", 0)
        return MemoryEvents(
            None if limit == "max" else int(limit), max(counted.get("max", 0), killed), killed
        )
    limit = (path / "memory.limit_in_bytes").read_text(encoding="ascii").strip()
    hits = int((path / "memory.failcnt").read_text(encoding="ascii"))
    with contextlib.suppress(OSError):  # the same number limits memory and swap together: either may be hit
        hits += int((path / "memory.memsw.failcnt").read_text(encoding="ascii"))
    killed = _table(path / "memory.oom_control").get("oom_kill", 0)
    # Not every kernel counts a hit that ends in a kill.
    return MemoryEvents(int(limit) if int(limit) < 1 << 62 else None, max(hits, killed), killed)


def needed(group: Group) -> int:
    """Bytes that its members need now: all their memory except files that can be read again. Raises OSError."""
    stat = _table(group.path / "memory.stat")
    if group.version == 2:
        parts = ("kernel_stack", "pagetables", "percpu", "sock", "slab_unreclaimable")
        return stat["anon"] + stat.get("shmem", 0) + sum(stat.get(part, 0) for part in parts)
    kernel = 0
    with contextlib.suppress(OSError, ValueError):  # where the kernel's own memory is not counted
        kernel = int((group.path / "memory.kmem.usage_in_bytes").read_text(encoding="ascii"))
    return stat["total_rss"] + stat.get("total_shmem", 0) + kernel


class Need:
    """Measures the most memory that the members of a group need, by sampling."""

    def __init__(self, group: Group) -> None:
        self.most = 0
        self._group = group
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="measures needed memory", daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Stop; the most that was needed, in bytes. Repeatable."""
        self._over.set()
        self._thread.join()
        return self.most

    def _look(self) -> None:
        while not self._over.wait(_LOOK):
            with contextlib.suppress(OSError):
                self.most = max(self.most, needed(self._group))


def _write(path: Path, value: int) -> None:
    path.write_text(str(value), encoding="ascii")


def _table(path: Path) -> dict[str, int]:
    """``name value`` a line."""
    lines = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) == 2}
