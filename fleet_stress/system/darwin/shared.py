"""macOS: folders that everybody may write to, beside those for temporary files."""

from __future__ import annotations

from pathlib import Path

__all__ = ["folders_to_shadow", "world_writable_folders"]

_KNOWN = ("/Users/Shared", "/Library/Caches", "/private/var/spool/cups/tmp")


def world_writable_folders() -> list[Path]:
    """Those that macOS comes with, as far as they are there."""
    return [path for path in map(Path, _KNOWN) if path.is_dir() and path.stat().st_mode & 0o002]


def folders_to_shadow() -> list[Path]:
    """None: an arena sees the host's folders as they are."""
    return []
