"""Walks a tree that a stranger made: by descriptors, without following a link, and only so deep.

``os.walk`` goes by names, which a bot may exchange for links meanwhile, and ``os.fwalk`` calls itself for each folder
in a folder (before Python 3.13). What lies deeper than any program would put it is not looked at; its folder is seen.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

#: So many folders in each other are looked into, each with an open descriptor.
DEEPEST = 64
#: Nor further where the path from the top has more bytes: paths end at 4,096 (PATH_MAX), and ours come before it.
LONGEST = 2_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Seen(NamedTuple):
    """What a walk found. ``descriptor``: of its folder, open until the walk goes on. ``entered``: it is walked too."""

    path: str
    name: str
    status: os.stat_result
    descriptor: int
    entered: bool


def walk(top: int, deepest: int = DEEPEST, longest: int = LONGEST) -> Iterator[Seen]:
    """All below a folder (descriptor), a folder before what is in it. What disappears meanwhile is left out.

    ``path`` is relative to the folder. Raises OSError for a folder that may not be read.
    """
    levels = [("", os.dup(top), _names(top))]
    try:
        while levels:
            below, descriptor, names = levels[-1]
            if not names:
                os.close(levels.pop()[1])
                continue
            name = names.pop()
            path = f"{below}{name}"
            try:
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                inner = None
                if stat.S_ISDIR(status.st_mode) and len(levels) < deepest and _length(path) < longest:
                    inner = os.open(name, _FOLDER, dir_fd=descriptor)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:  # closed to us, or a link since: it is seen, and not entered
                inner = None
            yield Seen(path, name, status, descriptor, inner is not None)
            if inner is not None:
                levels.append((f"{path}/", inner, []))
                levels[-1][2].extend(_names(inner))
    finally:
        for _, descriptor, _ in levels:
            os.close(descriptor)


def _names(descriptor: int) -> list[str]:
    """In reverse, because they are taken from the end. Closed to us: none."""
    try:
        return sorted(os.listdir(descriptor), reverse=True)
    except OSError:
        return []


def _length(path: str) -> int:
    return len(os.fsencode(path))
