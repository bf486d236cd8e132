"""The hash of a tree: of names, kinds, modes, owners, links and contents. Nothing in it is run or followed."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from ansible.module_utils.fleet_stress.store.bare_python.no_links import open_regular, open_regular_at
from ansible.module_utils.fleet_stress.store.bare_python.tree_walk import walk

#: Entries that no environment comes near; a tree with more is not read to its end.
MOST_ENTRIES = 1_000_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def digest(place: Path, leave_out: Sequence[str] = ()) -> str:
    """SHA-256 of a folder or a regular file. Raises OSError.

    ``leave_out``: patterns of names; with a slash before them, of names at the top.
    """
    found = hashlib.sha256()
    if not stat.S_ISDIR(place.lstat().st_mode):
        _add_file(found, open_regular(place, os.O_RDONLY))
        return found.hexdigest()
    top = os.open(place, _FOLDER)
    skipped, count = "", 0
    try:
        for seen in walk(top):
            if skipped and seen.path.startswith(skipped):
                continue
            names = (seen.name, f"/{seen.path}")
            if any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in leave_out):
                skipped = f"{seen.path}/"
                continue
            count += 1
            mode, link = seen.status.st_mode, ""
            if count > MOST_ENTRIES or (stat.S_ISDIR(mode) and not seen.entered):
                raise OSError(f"{place}: more than can be looked at, or closed")
            if stat.S_ISLNK(mode):
                link = os.readlink(seen.name, dir_fd=seen.descriptor)
            about = (seen.path, oct(mode), seen.status.st_uid, link)
            found.update(repr(about).encode(errors="surrogateescape"))
            if stat.S_ISREG(mode):
                _add_file(found, open_regular_at(seen.name, seen.descriptor, os.O_RDONLY))
    finally:
        os.close(top)
    return found.hexdigest()


def _add_file(found: hashlib._Hash, descriptor: int) -> None:
    try:
        found.update(repr(os.fstat(descriptor).st_size).encode())
        while data := os.read(descriptor, 1 << 20):
            found.update(data)
    finally:
        os.close(descriptor)
