"""Memory of a host, from what its kernel says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path


def available(meminfo: str) -> int | None:
    """Bytes that can be given out without swapping (MemAvailable, proc_meminfo(5)); None where nothing says so."""
    line = re.search(r"^MemAvailable:\s+(\d+) kB$", meminfo, re.MULTILINE)
    return int(line[1]) * 1024 if line else None


def of_host(limits: Iterable[str] = ()) -> int:
    """Bytes of memory that may be used here: the machine's, or less where a file says so (of a container's group)."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in limits:
        try:
            total = min(total, int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return total
