"""Durable writing: a reader sees the old file or the new one, also after a crash."""

from __future__ import annotations

import json
import os
from pathlib import Path


def write_atomic(path: Path, document: object, mode: int = 0o600) -> None:
    """Write ``document`` as JSON so that a reader sees the old file or the new one, also after a crash."""
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(document, stream, indent=1, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable (fsync(2): a new file's name needs its folder's fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
