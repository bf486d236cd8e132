"""Taking over a host's folder from the results of another run: nothing but regular files, none outside, not too many.

On the same disk a file is linked and not copied. Nothing of ours writes into a file of a result (it is replaced
as a whole), so that two runs can share one.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fleet_controller.messages.errors import UserError
from fleet_controller.results.finished_run import is_name
from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.untrusted.unpack import BYTES_LIMIT, MEMBERS_LIMIT

#: Folders in folders: evidence has a handful, and a path has to fit into what a system takes.
_DEPTH_LIMIT = 30
#: So much of the disk's free space is never taken, as a part of it.
_KEPT_FREE = 0.1
_DO = "bring the folder of that run anew, as its controller wrote it"


class File(NamedTuple):
    """One file of a host's folder; ``size`` in bytes."""

    path: Path
    size: int


def files_of(folder: Path) -> list[File]:
    """The files below a host's folder; none where it is not there. Raises UserError for what we never wrote."""
    found: list[File] = []
    left = BYTES_LIMIT
    for file in _walk(folder, 0):
        left -= file.size
        found.append(file)
        if left < 0 or len(found) > MEMBERS_LIMIT:
            why = f"it has more than {BYTES_LIMIT} bytes or {MEMBERS_LIMIT} files"
            raise UserError("evidence that is no host's", str(folder), why, _DO)
    return found


def take(files: list[File], source: Path, target: Path) -> None:
    """Link or copy files from below ``source`` to the same places below ``target``. Raises UserError and OSError."""
    target.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and source.stat().st_dev != target.stat().st_dev:
        _room(files, target)
    for file in files:
        own = target / file.path.relative_to(source)
        own.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file.path, own, follow_symlinks=False)
        except OSError:  # another disk, a file system without links, a file that is not ours
            _copy(file, own)


def _copy(file: File, own: Path) -> None:
    descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as source, own.open("xb") as target:
        if os.fstat(descriptor).st_size > file.size:
            raise UserError("the run is being written to", str(file.path), "it grew while it was copied", _DO)
        shutil.copyfileobj(source, target)


def _room(files: list[File], target: Path) -> None:
    """Refuse what does not fit, before it is tried."""
    wanted, free = sum(file.size for file in files), shutil.disk_usage(target).free
    if wanted > free * (1 - _KEPT_FREE):
        why = f"{wanted} bytes are to be copied, and {free} are free"
        do = "make room, or choose another disk: -e stress_results_dir=/folder"
        raise UserError("there is no room for the evidence", str(target), why, do)


def _walk(folder: Path, depth: int) -> Iterator[File]:
    if folder.is_symlink():
        raise UserError("evidence that no host of ours wrote", str(folder), "it is a link", _DO)
    if not folder.is_dir():
        return
    for entry in sorted(os.scandir(folder), key=lambda item: item.name):
        found = entry.stat(follow_symlinks=False)
        if not is_name(entry.name) or depth > _DEPTH_LIMIT:
            why = f"`{in_one_line(plain(entry.name, 100), 100)}` is no name of evidence, or too deep"
            raise UserError("evidence that no host of ours wrote", plain(folder, 300), why, _DO)
        if stat.S_ISDIR(found.st_mode):
            yield from _walk(Path(entry.path), depth + 1)
        elif stat.S_ISREG(found.st_mode):
            yield File(Path(entry.path), found.st_size)
        else:
            why = f"`{in_one_line(plain(entry.name, 100), 100)}` is neither a file nor a folder"
            raise UserError("evidence that no host of ours wrote", plain(folder, 300), why, _DO)
