"""macOS: when a process was started, as the kernel has it written down: with its pid it is the same process."""

from __future__ import annotations

import psutil

__all__ = ["process_start"]


def process_start(pid: int) -> float | None:
    """Seconds since 1970; None: there is no such process, or we may not look."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None
