"""Memory of a host, from what its kernel says."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: What a control group says of our own memory, by its two versions.
_OF_OUR_GROUP = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available(meminfo: str) -> int | None:
    """Bytes that can be given out without swapping (MemAvailable, proc_meminfo(5)); None where nothing says so."""
    line = re.search(r"^MemAvailable:\s+(\d+) kB$", meminfo, re.MULTILINE)
    return int(line[1]) * 1024 if line else None


def of_host() -> int:
    """Bytes of memory that may be used here: the machine's, or less where a control group says so (a container)."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in _OF_OUR_GROUP:
        try:
            total = min(total, int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return total
