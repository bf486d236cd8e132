"""Linux: when a process was started, by a clock that nobody sets (proc_pid_stat(5)). With its pid, that is its id."""

from __future__ import annotations

from pathlib import Path

__all__ = ["process_start"]


def process_start(pid: int) -> float | None:
    """Clock ticks since the boot; None: there is no such process, or we may not look."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return float(told.rpartition(b")")[2].split()[19])  # its name, in brackets, may hold anything
