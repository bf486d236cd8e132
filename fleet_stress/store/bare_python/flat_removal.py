"""Removes a tree that a stranger made, flat: of any depth, with few descriptors, without following a link.

``shutil.rmtree`` calls itself for each folder in a folder (before Python 3.13, CPython issue 89727), and paths end at
PATH_MAX; a bot that makes 1,100 folders in each other would be removed by neither. Here names are looked up in
descriptors of their folders, the nearest of which are kept open. Further up, ``..`` leads back, and is believed only
where it leads to the folder that we came from: who moves a folder away meanwhile has what is in it removed, and
nothing above it.
"""

from __future__ import annotations

import array
import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Collection
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: So many folders are kept open on the way down.
_OPEN = 32
#: So many names are read at a time: a folder of millions must not fill the memory.
_NAMES = 1000
#: So often a folder is looked at again that others put something into, or that was moved, meanwhile.
_ATTEMPTS = 50
#: A folder is not empty (rmdir(2)), or is something else since it was looked at.
_NOT_EMPTY, _EXCHANGED = (errno.ENOTEMPTY, errno.EEXIST), (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def remove_flat(path: Path) -> None:
    """Remove ``path`` and all below it; repeatable. Whoever calls has made sure that it is ours to remove.

    The way to the folder above it must be one that only we can change. Raises OSError, as ``remove_at``.
    """
    try:
        above = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        remove_at(path.name, above)
    finally:
        os.close(above)


def remove_at(name: str, folder: int) -> None:
    """Remove what has a name in a folder (descriptor); repeatable.

    Raises OSError: EBUSY for what something is mounted on, whose content is left alone; ENOTEMPTY where others put in
    more than we remove.
    """
    for _ in range(_ATTEMPTS):
        try:
            if _removed(name, folder):
                return
            empty(name, folder)
        except OSError as problem:
            if problem.errno not in (*_NOT_EMPTY, *_EXCHANGED):
                raise
    raise OSError(errno.ENOTEMPTY, "others go on changing what is removed", name)


def empty(name: str, folder: int, keep: Collection[str] = ()) -> None:
    """Remove all that is in the folder of that name, but not what ``keep`` names. Raises OSError."""
    with contextlib.closing(_Descent(_opened(name, folder), keep)) as descent:
        while descent.step():
            pass


class _Level:
    """An open folder on the way down, and names of folders in it that are still to be removed."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.folders: list[str] = []
        #: The folder that we are in.
        self.inside: str | None = None
        self.attempts = 0


class _Descent:
    def __init__(self, top: int, keep: Collection[str]) -> None:
        self._keep = keep
        #: The nearest folders, from above to below, and device and inode of all those above these.
        self._open = [_Level(top)]
        self._above = array.array("Q")

    def close(self) -> None:
        while self._open:
            os.close(self._open.pop().descriptor)

    def step(self) -> bool:
        """Remove what the lowest folder has, go into one of its folders, or up. False: it is done."""
        here = self._open[-1]
        if here.inside is not None:
            here.folders.append(here.inside)  # emptied just now
            here.inside = None
        if not here.folders:
            names = self._names(here.descriptor)
            if not names:
                return self._go_up()
            here.folders = [name for name in names if not _removed(name, here.descriptor)]
            here.attempts += len(names) < _NAMES  # these were all, and others can only come from others
            if here.attempts > _ATTEMPTS:
                raise OSError(errno.ENOTEMPTY, "others go on putting files into what is removed")
        while here.folders:
            name = here.folders.pop()
            if not _removed(name, here.descriptor):
                return self._go_down(name)
        return True

    def _names(self, descriptor: int) -> list[str]:
        kept = self._keep if len(self._open) == 1 and not self._above else ()
        with os.scandir(descriptor) as entries:
            return list(itertools.islice((entry.name for entry in entries if entry.name not in kept), _NAMES))

    def _go_down(self, name: str) -> bool:
        here = self._open[-1]
        try:
            self._open.append(_Level(_opened(name, here.descriptor)))
        except OSError as problem:
            if problem.errno not in _EXCHANGED:  # else the next look tells what it is
                raise
            return True
        here.inside = name
        if len(self._open) > _OPEN:
            highest = self._open.pop(0)
            seen = os.fstat(highest.descriptor)
            self._above.extend((seen.st_dev, seen.st_ino))
            os.close(highest.descriptor)
        return True

    def _go_up(self) -> bool:
        below = self._open.pop()
        try:
            if not self._open and self._above:
                inode, device = self._above.pop(), self._above.pop()
                self._open.append(_Level(os.open("..", _FOLDER, dir_fd=below.descriptor)))
                found = os.fstat(self._open[0].descriptor)
                if (found.st_dev, found.st_ino) != (device, inode):
                    raise OSError(errno.ENOTEMPTY, "others moved folders while they were removed")
            return bool(self._open)
        finally:
            os.close(below.descriptor)


def _opened(name: str, folder: int) -> int:
    try:
        opened = os.open(name, _FOLDER, dir_fd=folder)
    except PermissionError:
        if os.geteuid() == 0:
            raise
        os.chmod(
            name, 0o700, dir_fd=folder
        )  # without root it is the login's, which a bot of that login closed
        return os.open(name, _FOLDER, dir_fd=folder)
    if os.geteuid() != 0 and os.fstat(opened).st_mode & 0o700 != 0o700:
        with contextlib.suppress(OSError):
            os.fchmod(opened, 0o700)
    return opened


def _removed(name: str, folder: int) -> bool:
    """Remove a name. False: it is that of a folder with something in it. Raises OSError."""
    try:
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            os.rmdir(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return True
    except OSError as problem:
        if problem.errno in (*_NOT_EMPTY, *_EXCHANGED, errno.EISDIR):
            return False  # also where it was exchanged since: the next look tells
        raise
    return True
