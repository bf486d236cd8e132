"""Takes a finished environment from whoever built it: by a copy, which nobody but us has ever had open.

A process of the build, or one that it gave a descriptor to, may write into the tree that was built for as long as it
likes. Nothing of that gets into the copy once it is made. Other than what a bot wrote (``store/tree_copy.py``), an
environment is copied whole or not at all.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from ansible.module_utils.fleet_stress.store.bare_python.no_links import open_regular_at
from ansible.module_utils.fleet_stress.store.bare_python.tree_walk import DEEPEST, Seen, walk

from .failure import EnvironmentFailed
from .tree_digest import MOST_ENTRIES

#: Bytes that an environment may have; those with the libraries of a graphics card have about 8 GB.
MOST_BYTES = 20 * 2**30
#: Bytes of the disk that stay free.
_FLOOR = 200 * 2**20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Moved(NamedTuple):
    """Where files that lead to a package (``-e``: ``*.pth``, ``__editable__*``) lead, and where they are to lead."""

    away: str
    to: str


def seal(built: Path, sealed: Path, *, builder: int, leave_out: str = "", moved: Moved | None = None) -> None:
    """Copy a tree; the copy is ours, readable for all and writable for nobody else. No link is followed.

    Args:
        built: The tree, all of which belongs to ``builder``: a hard link to somebody else's file is refused.
        sealed: The copy, which is not there yet, in a folder of ours.
        builder: A user id.
        leave_out: A folder in ``built`` that is not copied. Pipes, sockets and devices are not, either.
        moved: What was installed from a folder that goes away, and is to lead to another one.

    Raises EnvironmentFailed, OSError; then there is half a copy.
    """
    disk = os.statvfs(sealed.parent)
    copy = _Copy(builder, min(MOST_BYTES, disk.f_bavail * disk.f_frsize - _FLOOR), built, moved)
    sealed.mkdir(mode=0o700)
    source, target = os.open(built, _FOLDER), os.open(sealed, _FOLDER)
    try:
        copy.check(os.fstat(source))
        copy.folder(source, target, leave_out)
        os.fchmod(target, 0o755)
    finally:
        os.close(source)
        os.close(target)


class _Copy:
    """One copy on its way, with what may still be copied."""

    def __init__(self, builder: int, room: int, built: Path, moved: Moved | None) -> None:
        self.builder, self.room, self.entries, self.built = builder, room, MOST_ENTRIES, built
        self.moved = moved

    def folder(self, source: int, target: int, leave_out: str) -> None:
        """All that is in one open folder into another, a folder before what is in it."""
        way = [("", os.dup(target))]
        try:
            for seen in walk(source):
                if f"{seen.path}/".startswith(f"{leave_out}/"):
                    continue
                while way[-1][0] != seen.path[: -len(seen.name)]:
                    os.close(way.pop()[1])
                self.entry(seen, way)
        finally:
            for _, descriptor in way:
                os.close(descriptor)

    def entry(self, seen: Seen, way: list[tuple[str, int]]) -> None:
        """One entry into the folder at the end of ``way``, which goes on with it if it is a folder."""
        kind, target = stat.S_IFMT(seen.status.st_mode), way[-1][1]
        self.entries -= 1
        if self.entries < 0:
            raise self._refused(f"more than {MOST_ENTRIES} files and folders")
        if kind in (stat.S_IFDIR, stat.S_IFREG):
            self.check(seen.status)
        if kind == stat.S_IFLNK:
            os.symlink(os.readlink(seen.name, dir_fd=seen.descriptor), seen.name, dir_fd=target)
        elif kind == stat.S_IFDIR:
            if not seen.entered:
                raise self._refused(f"more than {DEEPEST} folders in each other")
            os.mkdir(seen.name, 0o700, dir_fd=target)
            way.append((f"{seen.path}/", os.open(seen.name, _FOLDER, dir_fd=target)))
            os.fchmod(way[-1][1], 0o755)
        elif kind == stat.S_IFREG and not (self._leads(seen.name) and seen.name.endswith(".pyc")):
            opened = open_regular_at(seen.name, seen.descriptor, os.O_RDONLY)
            try:
                self._file(seen.name, opened, target)
            finally:
                os.close(opened)

    def _file(self, name: str, opened: int, target: int) -> None:
        status = os.fstat(opened)
        self.check(status)
        new = os.open(name, _NEW, 0o600, dir_fd=target)
        try:
            while data := os.read(opened, 1 << 20):
                self.room -= len(data)
                if self.room < 0:
                    raise self._refused("more bytes than there is room for")
                if self.moved and self._leads(name):
                    data = data.replace(self.moved.away.encode(), self.moved.to.encode())
                while data:
                    data = data[os.write(new, data) :]
            os.fchmod(new, 0o755 if status.st_mode & 0o100 else 0o644)
            # Compiled files know the time of their source, in seconds.
            os.utime(new, ns=(status.st_mtime_ns, status.st_mtime_ns))
        finally:
            os.close(new)

    def _leads(self, name: str) -> bool:
        return self.moved is not None and (name.endswith(".pth") or name.startswith("__editable__"))

    def check(self, status: os.stat_result) -> None:
        """Raise EnvironmentFailed for what is somebody else's: a hard link brought it."""
        if status.st_uid != self.builder:
            raise self._refused("files that are not its builder's")

    def _refused(self, what: str) -> EnvironmentFailed:
        return EnvironmentFailed(
            f"{self.built}: what the bot's requirements installed has {what}, and was not taken. Look at what they"
            " run when they are installed (setup.py), or do without it (-e bot_leave_out=name)."
        )
