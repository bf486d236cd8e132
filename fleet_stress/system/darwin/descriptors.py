"""macOS: only a process itself can change its limit of file descriptors (setrlimit(2))."""

from __future__ import annotations

__all__ = [
    "SEES_DESCRIPTORS",
    "descriptor_limit",
    "descriptor_target",
    "descriptors",
    "limit_descriptors",
    "waits_in_pipe",
    "why_no_descriptor_limits",
]

#: Whether the file of another process's descriptor is visible.
SEES_DESCRIPTORS = False
_NONE = "macOS changes no limits of a process that runs"


def why_no_descriptor_limits() -> str | None:
    """Unavailable on macOS: says why."""
    return _NONE


def descriptors(pid: int) -> set[int]:
    """Unavailable on macOS."""
    del pid
    return set()


def descriptor_target(pid: int, descriptor: int) -> str | None:
    """Unavailable on macOS."""
    del pid, descriptor
    return None


def waits_in_pipe(pid: int) -> bool:
    """Unavailable on macOS."""
    del pid
    return False


def descriptor_limit(pid: int) -> int | None:
    """Unavailable on macOS."""
    del pid
    return None


def limit_descriptors(pid: int, below: int) -> None:
    """Unavailable on macOS. Raises OSError."""
    del pid, below
    raise OSError(_NONE)
