"""Linux: the memory of a process and of the machine, as proc(5) has it."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.store.bare_python import memory

__all__ = ["memory_available", "private_memory"]


def private_memory(pid: int) -> int | None:
    """Memory of a process that no file backs, in bytes (RssAnon of proc_pid_status(5)); None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        line = next(line for line in text.splitlines() if line.startswith("RssAnon:"))
        return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def memory_available() -> int:
    """Bytes of memory that can be given out without swapping (MemAvailable, proc_meminfo(5)); 0: unknown."""
    return memory.available(Path("/proc/meminfo").read_text(encoding="ascii")) or 0
