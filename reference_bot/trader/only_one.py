"""One bot on a state folder. Two on the same would each trade on, and each write over what the other has saved."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Taken(Exception):
    """Another bot runs on this folder."""


def take(folder: Path) -> None:
    """Hold the folder from now on until this process ends, whatever ends it.

    The lock is the kernel's and on ``bot.lock``, whose content means nothing: what a killed bot leaves is a file that
    nobody holds. The descriptor is never closed, and no child gets it (PEP 446). It is opened for reading only, so
    that a disk that fails can still be made read-only.

    Raises Taken, having changed nothing; OSError where there can be no lock: a full or read-only disk without the
    file, a file system without locks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Whatever stands in its place, nothing is waited for (a pipe), nor made elsewhere (a link).
    flags = os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(folder / "bot.lock", flags, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Taken(f"another bot runs on {folder}: stop it first") from None
