"""macOS: which processes may have a variable in their environment."""

from __future__ import annotations

import psutil

__all__ = ["pids_with_variable"]


def pids_with_variable(name: str) -> list[int]:
    """All processes: only psutil reads environments there."""
    del name
    return list(psutil.pids())
