"""Copies a tree that a stranger made: the one way in which a bot's files are copied.

By descriptors, without following a link. A copy is ours and closed until it is whole; then it gets its owner, and last
its mode, without set-id bits: a bot's program that is root's for a moment must not be one that anybody may start as
root. Left out are pipes, sockets, devices, files that a hard link brought from elsewhere, and what lies deeper than a
walk goes (``tree_walk.DEEPEST``). What a bot chose is bounded: its bytes and its entries.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from fleet_stress.store import sizes
from fleet_stress.store.bare_python.no_links import open_regular_at
from fleet_stress.store.bare_python.tree_walk import Seen, walk

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK = 1 << 20
_ZEROS = bytes(_BLOCK)
#: Refusals that mean: it is something else by now, or not the bot's (``no_links``).
_NOT_FOR_US = (errno.ENOENT, errno.ELOOP, errno.EINVAL, errno.EPERM, errno.ENXIO)


class Limits(NamedTuple):
    """What is copied at most: bytes of all files together, and entries of all folders."""

    size: int = 1 << 30
    entries: int = 50_000


#: For what a bot made.
BOUNDED = Limits()
#: For what we made ourselves, whose size was limited then.
UNLIMITED = Limits(1 << 62, 1 << 62)


class TooMuch(OSError):
    """A tree is larger than what is copied."""


class Owner(NamedTuple):
    """Whom a copy is given to, where we are root."""

    uid: int
    gid: int


def copy_tree(
    source: int,
    target: int,
    owner: Owner | None = None,
    limits: Limits = BOUNDED,
    leave_out: str = "",
) -> None:
    """Copy what is in one folder (descriptor) into another: modes and times as they are, links as links.

    Args:
        source: May belong to a bot, which changes it meanwhile.
        target: It has none of these names yet. Its own owner, mode and times stay as they are.
        owner: Who gets the copies; None: the owner of each original.
        limits: What is copied at most.
        leave_out: Names that begin with this, at any depth, are not copied if they are ours; "": all are copied.

    Raises TooMuch, and OSError as mkdir(2), open(2) and write(2).
    """
    _Copy(target, owner, limits, leave_out).run(source)


def why_too_much(source: int, limits: Limits) -> str | None:
    """Why a tree is larger than what is copied, in some words; None: it is not."""
    size = 0
    for number, seen in enumerate(walk(source), 1):
        size += seen.status.st_size if stat.S_ISREG(seen.status.st_mode) else 0
        reason = _beyond(number, size, limits)
        if reason:
            return reason
    return None


def _beyond(entries: int, size: int, limits: Limits) -> str | None:
    if entries > limits.entries:
        return f"there are more than {limits.entries} files and folders"
    if size > limits.size:
        return f"its files have more than {sizes.describe(limits.size)}"
    return None


class _Copy:
    def __init__(self, target: int, owner: Owner | None, limits: Limits, leave_out: str) -> None:
        self._target, self._owner, self._limits, self._leave_out = target, owner, limits, leave_out
        #: The folders that we are in, below the first: path, descriptor of the copy, status of the original.
        self._inside: list[tuple[str, int, os.stat_result]] = []
        self._skipped: str | None = None
        self._size = self._entries = 0

    def run(self, source: int) -> None:
        try:
            for seen in walk(source):
                if self._skipped is not None and seen.path.startswith(self._skipped):
                    continue
                self._leave(seen.path)
                if self._is_left_out(seen):
                    self._skipped = f"{seen.path}/"
                else:
                    self._one(seen)
            self._leave("")
        finally:
            for _, descriptor, _ in self._inside:
                os.close(descriptor)

    def _check(self) -> None:
        reason = _beyond(self._entries, self._size, self._limits)
        if reason:
            raise TooMuch(errno.EFBIG, reason)

    def _is_left_out(self, seen: Seen) -> bool:
        ours = bool(self._leave_out) and seen.name.startswith(self._leave_out)
        return ours and seen.status.st_uid == os.geteuid()

    def _leave(self, path: str) -> None:
        """Finish the folders that a path is not in."""
        while self._inside and not path.startswith(f"{self._inside[-1][0]}/"):
            _, descriptor, status = self._inside.pop()
            try:
                self._hand_over(descriptor, status)
            finally:
                os.close(descriptor)

    def _one(self, seen: Seen) -> None:
        self._entries += 1
        self._check()
        into = self._inside[-1][1] if self._inside else self._target
        kind = stat.S_IFMT(seen.status.st_mode)
        if kind == stat.S_IFLNK:
            self._link(seen, into)
        elif kind == stat.S_IFDIR:
            if not seen.entered and not os.access(seen.name, os.R_OK | os.X_OK, dir_fd=seen.descriptor):
                raise OSError(errno.EACCES, "a folder is closed to us", seen.path)
            os.mkdir(seen.name, 0o700, dir_fd=into)
            self._inside.append((seen.path, os.open(seen.name, _FOLDER, dir_fd=into), seen.status))
        elif kind == stat.S_IFREG:
            try:
                original = open_regular_at(seen.name, seen.descriptor, os.O_RDONLY)
            except OSError as problem:
                if problem.errno not in _NOT_FOR_US:
                    raise
                return
            try:
                if not self._is_brought_here(original, seen.descriptor):
                    self._file(original, seen.name, into)
            finally:
                os.close(original)

    def _is_brought_here(self, original: int, folder: int) -> bool:
        """Whether a file that is about to be given away was neither its new owner's nor that of its folder's owner.

        A hard link brought it, and its first name is gone since: so passwd(1) replaces /etc/shadow.
        """
        if self._owner is None:
            return False
        return os.fstat(original).st_uid not in (self._owner.uid, os.fstat(folder).st_uid)

    def _link(self, seen: Seen, into: int) -> None:
        try:
            leads_to = os.readlink(seen.name, dir_fd=seen.descriptor)
        except OSError:
            return  # it is something else by now
        os.symlink(leads_to, seen.name, dir_fd=into)
        if os.geteuid() == 0:
            uid, gid = self._owner or (seen.status.st_uid, seen.status.st_gid)
            os.chown(seen.name, uid, gid, dir_fd=into, follow_symlinks=False)
        times = (seen.status.st_atime_ns, seen.status.st_mtime_ns)
        os.utime(seen.name, ns=times, dir_fd=into, follow_symlinks=False)

    def _file(self, original: int, name: str, into: int) -> None:
        status = os.fstat(original)
        self._size += status.st_size
        self._check()
        has_holes = status.st_blocks * 512 < status.st_size
        copy = os.open(name, _NEW, 0o600, dir_fd=into)
        try:
            left = status.st_size  # what is appended meanwhile is not counted, so not copied
            while left and (data := os.read(original, min(_BLOCK, left))):
                left -= len(data)
                if has_holes and data == _ZEROS[: len(data)]:
                    os.lseek(copy, len(data), os.SEEK_CUR)
                else:
                    _write(copy, data)
            if has_holes:
                os.ftruncate(copy, os.lseek(copy, 0, os.SEEK_CUR))
            self._hand_over(copy, status)
        finally:
            os.close(copy)

    def _hand_over(self, copy: int, status: os.stat_result) -> None:
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
        if os.geteuid() == 0:
            os.fchown(copy, *(self._owner or (status.st_uid, status.st_gid)))
        os.fchmod(copy, status.st_mode & 0o777)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
