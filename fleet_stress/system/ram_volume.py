"""Small volumes in memory, and our files in a bot's folders: made, recognised, measured, copied.

Ours are recognised by name: a volume by its source (``fleet-stress:<mark>``), a file by its prefix.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.store import tree_copy
from fleet_stress.store.bare_python import flat_removal
from fleet_stress.store.bare_python.no_links import opened_folder
from fleet_stress.store.bare_python.tree_walk import walk
from fleet_stress.store.layout import FILE_PREFIX, name_of_ours

#: The prefix of our volumes' sources.
SOURCE = "fleet-stress:"
_BLOCK = 1024 * 1024


def at(folder: Path) -> system.Mounted | None:
    """Our volume that is mounted at ``folder`` and visible there; None: there is none.

    Where volumes are shown by links, the one that the link leads to.
    """
    point, shown = os.path.realpath(folder), folder.is_symlink() and not system.HAS_PRIVATE_MOUNTS
    found = [
        mount
        for mount in system.mounts()
        if mount.point == point
        or (shown and point.startswith(f"{mount.point}/") and mount.source.startswith(SOURCE))
    ]
    return found[-1] if found and found[-1].source.startswith(SOURCE) else None


def figures(folder: Path) -> dict[str, int]:
    """Bytes and inodes of the file system below a folder, as an unprivileged user sees them (statvfs(3))."""
    seen = os.statvfs(folder)
    return {
        "size_bytes": seen.f_blocks * seen.f_frsize,
        "free_bytes": seen.f_bavail * seen.f_frsize,
        "free_inodes": seen.f_favail,
    }


def is_full(folder: Path) -> bool:
    """Whether writing one byte to a new file fails with ENOSPC; the file is removed again."""
    return fill_up(folder, 1) is not None


def fill_up(folder: Path, most: int) -> int | None:
    """Write up to ``most`` bytes into a new file of ours and remove it.

    Returns how many bytes were written before ENOSPC; None: it did not come. Free space by statvfs or fallocate is no
    proof; only a failing write is.
    """
    path, written = folder / name_of_ours("probe"), 0
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            while written < most:
                written += os.write(descriptor, bytes(min(_BLOCK, most - written)))
        finally:
            os.close(descriptor)
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        return written
    finally:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    return None


def room_taken(folder: Path) -> int:
    """Bytes that a folder's content takes on a volume: files in whole pages, folders and links as one page each."""
    page = os.sysconf("SC_PAGE_SIZE")
    with opened_folder(folder) as top:
        return sum(page * (1 + _size(seen.status) // page) for seen in walk(top))


def _size(status: os.stat_result) -> int:
    return 0 if stat.S_ISDIR(status.st_mode) else status.st_size


def room_for(size: int) -> str | None:
    """Why a volume of so many bytes is too large for this host's memory; None: it is not."""
    available = system.memory_available()
    if size * 2 > available:
        return f"a volume of {size} bytes is more than half of the {available} bytes of available memory"
    return None


def replace_content(source: Path | int, target: Path | int) -> None:
    """Replace the content of ``target`` by that of ``source``: same owners, modes and times; without our files.

    Each is a path, or a descriptor of a folder whose name may lead elsewhere by now. Raises OSError.
    """
    with _opened(source) as reading, _opened(target) as writing:
        flat_removal.empty(".", writing)
        # What is on a volume in memory is bounded by it; the folder's own content has to fit on one.
        tree_copy.copy_tree(reading, writing, None, tree_copy.UNLIMITED, FILE_PREFIX)


def _opened(folder: Path | int) -> contextlib.AbstractContextManager[int]:
    return opened_folder(folder) if isinstance(folder, Path) else contextlib.nullcontext(folder)


def describe(folder: Path) -> dict[str, Any]:
    """What is mounted at a folder, and its figures; for proofs."""
    mounted = at(folder)
    return {"mounted": mounted._asdict() if mounted else None, **figures(folder)}
