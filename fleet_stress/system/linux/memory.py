"""Linux: the memory of a process and of the machine, as proc(5) has it."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.store.bare_python import memory
from fleet_stress.system.memory import Memory, Pages

__all__ = ["memory_available", "memory_of", "memory_of_host", "pages_of"]

#: What a control group says of our own memory, by its two versions.
_OF_OUR_GROUP = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_of(pid: int) -> Memory | None:
    """What the kernel counts at every moment, if with an error of some pages; None when the process is gone."""
    known = _bytes_by_name(f"/proc/{pid}/status")
    if "VmRSS" not in known:
        return None
    anonymous = known.get("RssAnon")
    private = None if anonymous is None else anonymous + known.get("VmSwap", 0)
    return Memory(rss=known["VmRSS"], private=private)


def pages_of(pid: int) -> Pages:
    """What it finds page by page (``smaps_rollup``: Linux 4.14; ``anonymous``: 5.4), where that may be read."""
    known = _bytes_by_name(f"/proc/{pid}/smaps_rollup")
    swapped = known.get("SwapPss", known.get("Swap", 0))

    def sum_of(*names: str) -> int | None:
        return sum(known[name] for name in names) + swapped if known.keys() >= set(names) else None

    return Pages(sum_of("Pss"), sum_of("Private_Clean", "Private_Dirty"), sum_of("Pss_Anon"))


def _bytes_by_name(path: str) -> dict[str, int]:
    """The lines of a file that are ``Name:  number kB``; none where it cannot be read."""
    found: dict[str, int] = {}
    try:
        text = Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return found
    for line in text.splitlines():
        if line.endswith(" kB"):
            name, _, number = line[:-3].partition(":")
            found[name] = int(number) * 1024
    return found


def memory_available() -> int:
    """Bytes of memory that can be given out without swapping (MemAvailable, proc_meminfo(5)); 0: unknown."""
    return memory.available(Path("/proc/meminfo").read_text(encoding="ascii")) or 0


def memory_of_host() -> int:
    """Bytes of memory that may be used here: the machine's, or less in a container."""
    return memory.of_host(_OF_OUR_GROUP)
