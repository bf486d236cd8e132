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


def again_readable(group: Group) -> int:
    """Bytes of files that its members have read or written, which the kernel takes back first. Raises OSError."""
    stat = _table(group.path / "memory.stat")
    if group.version == 2:
        return stat["file"] - stat.get("shmem", 0)
    return stat["total_cache"] - stat.get("total_shmem", 0)


def charged_at_most(group: Group) -> int | None:
    """The most bytes that were ever charged to it at once, whoever looked; None: this kernel does not count that."""
    name = "memory.peak" if group.version == 2 else "memory.max_usage_in_bytes"
    try:
        return int((group.path / name).read_text(encoding="ascii"))
    except (OSError, ValueError):  # version 2 counts it from Linux 5.19 on
        return None


class Need:
    """Measures the most memory that the members of a group need, between two bounds.

    Samples never see too much, and miss what is over between two of them: a shell starts programs that live for
    some milliseconds, and on a slow host a sample may be late by more. The kernel's own count misses nothing, and has
    files in it: of those there were in the time before a sample at least as many as at its beginning or its end.
    """

    def __init__(self, group: Group) -> None:
        #: The most that a sample saw, in bytes.
        self.most = 0
        self._group = group
        self._at_most, self._files = 0, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._measure, name="measures needed memory", daemon=True)
        self._thread.start()

    @property
    def at_most(self) -> int:
        """More was never needed, in bytes; where the kernel does not count that, what a sample saw."""
        return max(self.most, self._at_most)

    def stop(self) -> int:
        """Stop; the most that a sample saw, in bytes. Repeatable."""
        self._over.set()
        self._thread.join()
        return self.most

    def _measure(self) -> None:
        while not self._over.wait(_LOOK):
            self._look()
        self._look()

    def _look(self) -> None:
        with contextlib.suppress(OSError):
            self.most = max(self.most, needed(self._group))
            files = again_readable(self._group)
            charged = charged_at_most(self._group) or 0
            self._at_most = max(self._at_most, charged - min(self._files, files))
            self._files = files


def _write(path: Path, value: int) -> None:
    path.write_text(str(value), encoding="ascii")


def _table(path: Path) -> dict[str, int]:
    """``name value`` a line."""
    lines = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) == 2}
