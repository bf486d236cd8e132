"""Sizes as people write them: ``64KB``, ``1MB``, ``20MB``. A KB is 1024 bytes, as it is to dd and tmpfs(5)."""

from __future__ import annotations

import re
from typing import Any

#: What the schemas of faults and checks say as well. At most 9999 of a unit: more means something else.
PATTERN = r"^(0|[1-9][0-9]{0,3})(B|KB|MB)$"
#: The same without nothing: to tmpfs(5) a size of 0 is no limit at all.
SOME = r"^[1-9][0-9]{0,3}(B|KB|MB)$"

_UNITS = {"B": 1, "KB": 1024, "MB": 1024 * 1024}


def schema(description: str, *, zero: bool = False) -> dict[str, Any]:
    """The JSON Schema of an argument that is a size; ``zero``: nothing at all may be asked for."""
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


def told(count: int) -> str:
    """So many bytes for a person: ``20.0 MB``, ``64.0 KB``, ``12 bytes``."""
    for unit in ("MB", "KB"):
        if count >= _UNITS[unit]:
            return f"{count / _UNITS[unit]:.1f} {unit}"
    return f"{count} bytes"
