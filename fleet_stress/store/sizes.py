"""Sizes as people write them: ``64KB``, ``1MB``, ``20MB``. A KB is 1024 bytes, as for dd and tmpfs(5)."""

from __future__ import annotations

import re
from typing import Any

#: The schemas of faults and checks have it too. At most 9999 of a unit; more is probably a mistake.
PATTERN = r"^(0|[1-9][0-9]{0,3})(B|KB|MB)$"
#: The same without zero: for tmpfs(5) a size of 0 means no limit.
SOME = r"^[1-9][0-9]{0,3}(B|KB|MB)$"

_UNITS = {"B": 1, "KB": 1024, "MB": 1024 * 1024}


def schema(description: str, *, zero: bool = False) -> dict[str, Any]:
    """The JSON Schema of an argument that is a size; ``zero``: 0 is allowed."""
    return {
        "title": "a size: 512B, 64KB or 20MB" + (", or 0B" if zero else ", more than nothing"),
        "description": description,
        "type": "string",
        "pattern": PATTERN if zero else SOME,
    }


def in_bytes(size: str) -> int:
    """Bytes of a size. Raises ValueError for anything else."""
    found = re.match(PATTERN, size)
    if not found or size.endswith("\n"):
        raise ValueError(f"{size!r} is no size: write 512B, 64KB or 20MB")
    return int(found[1]) * _UNITS[found[2]]


def describe(count: int) -> str:
    """A number of bytes for people: ``20.0 MB``, ``64.0 KB``, ``12 bytes``."""
    for unit in ("MB", "KB"):
        if count >= _UNITS[unit]:
            return f"{count / _UNITS[unit]:.1f} {unit}"
    return f"{count} bytes"
