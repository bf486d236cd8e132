"""Small volumes in memory, and our files in a bot's folders: made, recognised, measured, copied.

Ours are recognised by name: a volume by its source (``fleet-stress:<mark>``), a file by its prefix.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet_stress import system
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
    taken = 0
    for parent, folders, names in os.walk(folder):
        taken += page * len(folders)
        for name in names:
            taken += page * (1 + os.lstat(Path(parent, name)).st_size // page)
    return taken


def room_for(size: int) -> str | None:
    """Why a volume of so many bytes is too large for this host's memory; None: it is not."""
    available = system.memory_available()
    if size * 2 > available:
        return f"a volume of {size} bytes is more than half of the {available} bytes of available memory"
    return None


def replace_content(source: Path | int, target: Path | int) -> None:
    """Replace the content of ``target`` by that of ``source``: same owners, modes and times; without our files.

    Each is a path, or a descriptor of a folder whose name may lead elsewhere by now. Links are copied as links, not
    followed; anything but files, folders and links is left out.
    """
    with _opened(source) as reading, _opened(target) as writing:
        for name in os.listdir(writing):  # noqa: PTH208  # a descriptor
            if stat.S_ISDIR(os.stat(name, dir_fd=writing, follow_symlinks=False).st_mode):
                _remove_folder(name, writing)
            else:
                os.unlink(name, dir_fd=writing)
        _copy_folder(reading, writing)


@contextlib.contextmanager
def _opened(folder: Path | int) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_DIRECTORY
    descriptor = os.open(".", flags, dir_fd=folder) if isinstance(folder, int) else os.open(folder, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _remove_folder(name: str, folder: int) -> None:
    """By descriptors: ``shutil.rmtree`` takes one only since Python 3.11."""
    with _inner(name, os.O_DIRECTORY, folder) as inside:
        for entry in os.listdir(inside):  # noqa: PTH208  # a descriptor
            if stat.S_ISDIR(os.stat(entry, dir_fd=inside, follow_symlinks=False).st_mode):
                _remove_folder(entry, inside)
            else:
                os.unlink(entry, dir_fd=inside)
    os.rmdir(name, dir_fd=folder)


def _copy_folder(source: int, target: int) -> None:
    """By descriptors: both may belong to a bot's user, and another bot of that user may run."""
    for name in os.listdir(source):
        status = os.stat(name, dir_fd=source, follow_symlinks=False)
        if name.startswith(FILE_PREFIX) and status.st_uid == os.geteuid():
            continue
        if stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
            _own(name, status, target)
        elif stat.S_ISDIR(status.st_mode):
            os.mkdir(name, 0o700, dir_fd=target)
            with (
                _inner(name, os.O_DIRECTORY, source) as reading,
                _inner(name, os.O_DIRECTORY, target) as copy,
            ):
                _copy_folder(reading, copy)
                _become_like(copy, status)
        elif stat.S_ISREG(status.st_mode):
            with _inner(name, os.O_NONBLOCK, source) as reading:
                _copy_file(reading, name, status, target)


@contextlib.contextmanager
def _inner(name: str, flags: int, folder: int) -> Iterator[int]:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _copy_file(source: int, name: str, status: os.stat_result, folder: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    target = os.open(name, flags, 0o600, dir_fd=folder)
    with os.fdopen(source, "rb", closefd=False) as reading, os.fdopen(target, "wb") as writing:
        shutil.copyfileobj(reading, writing)
        writing.flush()
        _become_like(target, status)


def _own(name: str, status: os.stat_result, folder: int) -> None:
    if os.geteuid() == 0:
        os.chown(name, status.st_uid, status.st_gid, dir_fd=folder, follow_symlinks=False)
    os.utime(name, ns=(status.st_atime_ns, status.st_mtime_ns), dir_fd=folder, follow_symlinks=False)


def _become_like(descriptor: int, status: os.stat_result) -> None:
    if os.geteuid() == 0:
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
    os.utime(descriptor, ns=(status.st_atime_ns, status.st_mtime_ns))


def describe(folder: Path) -> dict[str, Any]:
    """What is mounted at a folder, and its figures; for proofs."""
    mounted = at(folder)
    return {"mounted": mounted._asdict() if mounted else None, **figures(folder)}
