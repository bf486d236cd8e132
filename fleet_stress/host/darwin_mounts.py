"""macOS: volumes in memory come by another way (hdiutil), in an issue of their own; until then there are none."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_NONE = "macOS has no tmpfs and no mount namespaces"


class Mounted(NamedTuple):
    """What is mounted where, and what whoever mounted it has called it."""

    point: str
    kind: str
    source: str
    device: str = ""


def mounts() -> list[Mounted]:
    """Nothing of ours can be mounted here."""
    return []


def mount_memory(
    source: str, target: Path, *, size: int, inodes: int | None, owner: tuple[int, int], mode: int = 0o700
) -> None:
    """Not to be had. Raises OSError."""
    del source, target, size, inodes, owner, mode
    raise OSError(_NONE)


def show_also(source: Path, target: Path) -> None:
    """Not to be had. Raises OSError."""
    del source, target
    raise OSError(_NONE)


def show_read_only(folder: Path) -> None:
    """Not to be had. Raises OSError."""
    del folder
    raise OSError(_NONE)


def unmount(target: Path) -> None:
    """Not to be had. Raises OSError."""
    del target
    raise OSError(_NONE)


def no_private_memory() -> str | None:
    """Why not."""
    return _NONE


def no_private_read_only() -> str | None:
    """Why not."""
    return _NONE


def memory_available() -> int:
    """Unknown."""
    return 0
