"""Memory of a Linux host, from what its kernel prints."""

from __future__ import annotations

import re


def available(meminfo: str) -> int | None:
    """Bytes that can be given out without swapping (MemAvailable, proc_meminfo(5)); None where nothing says so."""
    line = re.search(r"^MemAvailable:\s+(\d+) kB$", meminfo, re.MULTILINE)
    return int(line[1]) * 1024 if line else None
