"""macOS: mounts of ours, found by the name that they were mounted under (the name of their volume)."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.system.darwin.mounts import mounts, unmount

__all__ = ["mounts_named", "unmount_named"]


def mounts_named(source: str, point: str | None = None) -> list[str]:
    """Where a mount of that name is; empty: nowhere. ``point``: look there alone. Raises OSError."""
    return [mount.point for mount in mounts() if mount.source == source and point in (None, mount.point)]


def unmount_named(source: str, point: str | None = None) -> None:
    """Take all mounts of that name away; ``point`` as above. Repeatable. Raises OSError for one that is left."""
    for found in mounts_named(source, point):
        unmount(Path(found))
