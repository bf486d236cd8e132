"""macOS: a process's limit of file descriptors is its own affair; nobody else can change it (setrlimit(2))."""

from __future__ import annotations

__all__ = [
    "SEES_DESCRIPTORS",
    "descriptor_limit",
    "descriptor_target",
    "descriptors",
    "limit_descriptors",
    "why_no_descriptor_limits",
]

#: Whether it can be seen what a process's descriptor is of.
SEES_DESCRIPTORS = False
_NONE = "macOS changes no limits of a process that runs"


def why_no_descriptor_limits() -> str | None:
    """Why not."""
    return _NONE


def descriptors(pid: int) -> set[int]:
    """Not to be seen by number."""
    del pid
    return set()


def descriptor_target(pid: int, descriptor: int) -> str | None:
    """Not to be seen by number."""
    del pid, descriptor
    return None


def descriptor_limit(pid: int) -> int | None:
    """Not to be seen."""
    del pid
    return None


def limit_descriptors(pid: int, below: int) -> None:
    """Not to be had. Raises OSError."""
    del pid, below
    raise OSError(_NONE)
