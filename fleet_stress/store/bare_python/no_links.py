"""Opens what lies in folders that a stranger may change: by descriptors, so that no name leads elsewhere meanwhile.

This is the one door to a bot's files (principle 9). As root, no link is followed below a folder that others may change;
without root everything belongs to the same user, and links lead nowhere that it could not go itself.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@contextlib.contextmanager
def opened_folder(path: Path) -> Iterator[int]:
    """A descriptor of a folder, for use with ``dir_fd``. Raises OSError."""
    is_root = os.geteuid() == 0
    # Without root some folder on the way may let us pass and not look.
    descriptor = os.open("/" if is_root else path, _FOLDER)
    try:
        theirs = False
        for part in path.absolute().parts[1:] if is_root else ():
            inner = os.open(part, _FOLDER | (os.O_NOFOLLOW if theirs else 0), dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
            theirs = theirs or _of_others(os.fstat(descriptor))
        yield descriptor
    finally:
        os.close(descriptor)


def _of_others(folder: os.stat_result) -> bool:
    return folder.st_uid != 0 or bool(folder.st_mode & 0o022)


def open_regular(path: Path, flags: int, mode: int = 0o644) -> int:
    """As ``os.open``, for a regular file in a folder of a stranger's; never waits. Raises OSError for all else."""
    with opened_folder(path.parent) as folder:
        return open_regular_at(path.name, folder, flags, mode)


def open_regular_at(name: str, folder: int, flags: int, mode: int = 0o644) -> int:
    """The same, by the descriptor of its folder.

    Refused is what is no regular file (a pipe would make us wait for its other end, and who opens it wakes up the bot
    that waits there), and another user's file that has a second name: a hard link that brought it here.
    """
    with contextlib.suppress(FileNotFoundError):
        _must_be_regular(os.stat(name, dir_fd=folder, follow_symlinks=False), name)
    asked = (flags & ~os.O_TRUNC) | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(name, asked, mode, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        _must_be_regular(status, name)  # it may have been exchanged since
        if status.st_nlink > 1 and status.st_uid != os.fstat(folder).st_uid:
            raise OSError(errno.EPERM, "another name of a file that belongs to others", name)
        if flags & os.O_TRUNC:
            os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _must_be_regular(status: os.stat_result, name: str) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, "a symbolic link, which is not followed", name)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", name)


def names(path: Path) -> list[str]:
    """The names in a folder of a stranger's; none where it is missing, a link, or closed to us."""
    try:
        with opened_folder(path) as folder:
            return os.listdir(folder)  # noqa: PTH208  # a descriptor
    except OSError:
        return []


def make_folder(path: Path, mode: int, owner: tuple[int, int] | None) -> None:
    """Make a folder in a folder of a stranger's, and give it to ``owner`` (uid, gid). Raises OSError.

    What was put in its place meanwhile is given to nobody.
    """
    with opened_folder(path.parent) as folder:
        os.mkdir(path.name, 0o700, dir_fd=folder)
        made = os.open(path.name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    try:
        if os.fstat(made).st_uid != os.geteuid():
            raise OSError(errno.EPERM, "was exchanged while it was made", str(path))
        if owner is not None:
            os.fchown(made, *owner)
        os.fchmod(made, mode)
    finally:
        os.close(made)


def make_link(path: Path, target: str) -> None:
    """Make a symbolic link in a folder of a stranger's. Raises OSError."""
    with opened_folder(path.parent) as folder:
        os.symlink(target, path.name, dir_fd=folder)


def unlink(path: Path) -> None:
    """Take a name that is no folder's away from a folder of a stranger's; repeatable. Raises OSError."""
    with opened_folder(path.parent) as folder, contextlib.suppress(FileNotFoundError):
        os.unlink(path.name, dir_fd=folder)
