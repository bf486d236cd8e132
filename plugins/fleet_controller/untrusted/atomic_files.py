"""Files that are whole or not there, whoever dies in between."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any


def write_atomic(path: Path, document: Any) -> None:
    """Write a JSON document in one step; the folder is made if missing. Raises OSError."""
    text = json.dumps(document, indent=1, sort_keys=True, allow_nan=False)
    write_bytes_atomic(path, f"{text}\n".encode())


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write a file in one step; the folder is made if missing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    # As open as the umask says, and no more.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise


def stored(path: Path) -> Any:
    """The JSON document that we wrote there before; None where there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def link_atomic(link: Path, target: str) -> None:
    """Let a link lead to ``target`` in one step. Raises OSError, also where a folder stands in its place."""
    if link.is_dir() and not link.is_symlink():
        raise IsADirectoryError(f"{link} is a folder")
    temporary = link.with_name(f".{link.name}-{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    temporary.symlink_to(target)
    temporary.replace(link)
