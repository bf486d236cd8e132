"""Linux: the memory of a process and of the machine, as proc(5) has it."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.store.bare_python import memory
from fleet_stress.system.memory import Memory

__all__ = ["memory_available", "memory_of"]


def memory_of(pid: int) -> Memory | None:
    """What a process holds; None when it is gone.

    From ``status`` what the kernel counts at every moment, if with an error of some pages, and from ``smaps_rollup``
    (Linux 4.14; ``anonymous``: 5.4), where it may be read, what it finds page by page.
    """
    known = _bytes_by_name(f"/proc/{pid}/status")
    if "VmRSS" not in known:
        return None
    by_page = _bytes_by_name(f"/proc/{pid}/smaps_rollup")
    swapped = by_page.get("SwapPss", by_page.get("Swap", 0))
    private = (by_page.get("Private_Clean"), by_page.get("Private_Dirty"))
    return Memory(
        rss=known["VmRSS"],
        private=known["RssAnon"] + known.get("VmSwap", 0) if "RssAnon" in known else None,
        pss=by_page["Pss"] + swapped if "Pss" in by_page else None,
        uss=private[0] + private[1] + swapped if private[0] is not None and private[1] is not None else None,
        anonymous=by_page["Pss_Anon"] + swapped if "Pss_Anon" in by_page else None,
    )


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
