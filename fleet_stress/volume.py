"""Small volumes in memory and files of ours in a bot's folders: made, recognised, measured, copied.

What is ours carries it in its name: a volume in its source (``fleet-stress:<mark>``), a file in its prefix.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from pathlib import Path
from typing import Any

from fleet_stress import host

#: How the source of a volume of ours begins, and the name of a file of ours.
SOURCE = "fleet-stress:"
OURS = "fleet-stress-"
_BLOCK = 1024 * 1024


def at(folder: Path) -> host.Mounted | None:
    """The volume of ours that is mounted just at ``folder`` and is what one sees there, or None."""
    point = os.path.realpath(folder)
    there = [one for one in host.mounts() if one.point == point]
    return there[-1] if there and there[-1].source.startswith(SOURCE) else None


def figures(folder: Path) -> dict[str, int]:
    """Bytes and inodes of the file system below a folder, as an unprivileged user has them (statvfs(3))."""
    seen = os.statvfs(folder)
    return {
        "size_bytes": seen.f_blocks * seen.f_frsize,
        "free_bytes": seen.f_bavail * seen.f_frsize,
        "free_inodes": seen.f_favail,
    }


def is_full(folder: Path) -> bool:
    """Whether one byte in a new file of ours meets ENOSPC; whatever was written is taken away again."""
    return fill_up(folder, 1) is not None


def fill_up(folder: Path, most: int) -> int | None:
    """Write up to ``most`` bytes into a new file of ours and remove it.

    Returns how many could be written when ENOSPC came, None when it did not come. Free space that statvfs or
    fallocate speak of is no proof: only a write that fails is.
    """
    path, written = folder / f"{OURS}probe", 0
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
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


def room_for(size: int) -> str | None:
    """Why a volume of so many bytes would be too much for this host's memory, or None."""
    available = host.memory_available()
    if size * 2 > available:
        return f"a volume of {size} bytes is more than half of the {available} bytes of available memory"
    return None


def replace_content(source: Path, target: Path) -> None:
    """Let the folder ``target`` hold what ``source`` holds: same owners, modes and times; nothing of ours.

    Links are copied as links and nothing is followed; what is neither file, folder nor link is left out.
    """
    for entry in _entries(target):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            Path(entry.path).unlink()
    _copy_folder(source, target)


def _copy_folder(source: Path, target: Path) -> None:
    for entry in _entries(source):
        if entry.name.startswith(OURS):
            continue
        copy, status = target / entry.name, entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            copy.symlink_to(os.readlink(entry.path))  # noqa: PTH115
        elif stat.S_ISDIR(status.st_mode):
            copy.mkdir()
            _copy_folder(Path(entry.path), copy)
        elif stat.S_ISREG(status.st_mode):
            _copy_file(Path(entry.path), copy)
        else:
            continue
        if os.geteuid() == 0:
            os.chown(copy, status.st_uid, status.st_gid, follow_symlinks=False)
        shutil.copystat(entry.path, copy, follow_symlinks=False)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return list(found)


def _copy_file(source: Path, target: Path) -> None:
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as reading, target.open("xb") as writing:
        shutil.copyfileobj(reading, writing)


def describe(folder: Path) -> dict[str, Any]:
    """What is mounted at a folder, and its figures; for proofs."""
    there = at(folder)
    return {"mounted": there._asdict() if there else None, **figures(folder)}
