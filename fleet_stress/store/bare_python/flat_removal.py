"""Removes a tree that a stranger made, however deep it is and whatever lies in it.

``shutil.rmtree`` before Python 3.13 calls itself for each level, so a thousand folders in each other end it. Here a
folder is moved up to the top one before it is looked into: two descriptors, no recursion, no path, no link followed.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_flat(path: Path) -> None:
    """Remove ``path`` and all below it; repeatable. Whoever calls has made sure that it is ours to remove.

    The folder above it must be one that only we can change. Raises OSError, for a mount point EBUSY.
    """
    try:
        above = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        with suppress(FileNotFoundError):
            if not _is_folder(path.name, above):
                os.unlink(path.name, dir_fd=above)
                return
            top = _opened(path.name, above)
            try:
                _empty(top)
            finally:
                os.close(top)
            os.rmdir(path.name, dir_fd=above)
    finally:
        os.close(above)


def _empty(top: int) -> None:
    while names := os.listdir(top):
        for name in names:
            with suppress(FileNotFoundError):
                if _is_folder(name, top):
                    _lift(name, top)
                    os.rmdir(name, dir_fd=top)
                else:
                    os.unlink(name, dir_fd=top)


def _lift(name: str, top: int) -> None:
    """Move the folders in a folder up to the top one, and remove its files."""
    folder = _opened(name, top)
    try:
        for inner in os.listdir(folder):  # noqa: PTH208 - a descriptor has no path
            if _is_folder(inner, folder):
                os.close(_opened(inner, folder))
                # What it may not be called is anybody's guess: the stranger has chosen all other names.
                os.rename(inner, os.urandom(16).hex(), src_dir_fd=folder, dst_dir_fd=top)
            else:
                os.unlink(inner, dir_fd=folder)
    finally:
        os.close(folder)


def _is_folder(name: str, above: int) -> bool:
    return stat.S_ISDIR(os.lstat(name, dir_fd=above).st_mode)


def _opened(name: str, above: int) -> int:
    """A folder, open; without root it must be our own, and writable for us, to be emptied and moved."""
    if os.geteuid() != 0:
        os.chmod(name, 0o700, dir_fd=above)
    return os.open(name, _FOLDER, dir_fd=above)
