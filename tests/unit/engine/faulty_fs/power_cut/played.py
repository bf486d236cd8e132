"""Operations on a folder with its power around them, as the file system has it, and without one; no FUSE, no root."""

import contextlib
import os
from pathlib import Path

from fleet_stress.faulty_fs.power_cut.lose import lose
from fleet_stress.faulty_fs.power_cut.power import Power


class Played:
    """One folder; ``names`` are paths in it."""

    def __init__(self, folder: Path, scratch: Path, like: str) -> None:
        self.folder = folder
        self.root = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        self.power = Power(self.root, like, scratch)

    def close(self):
        os.close(self.root)

    def lose(self, forget):
        return lose(self.power, forget)

    @contextlib.contextmanager
    def _in(self, path):
        parent, _, name = path.rpartition("/")
        descriptor = os.open(self.folder / parent, os.O_PATH | os.O_DIRECTORY)
        try:
            yield descriptor, name
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def _node(self, path):
        descriptor = os.open(self.folder / path, os.O_PATH | os.O_NOFOLLOW)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def create(self, path):
        with self._in(path) as (folder, name), self.power.on():
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=folder))
            self.power.made(folder, name)

    def mkdir(self, path):
        with self._in(path) as (folder, name), self.power.on():
            os.mkdir(name, dir_fd=folder)
            self.power.made(folder, name)

    def link(self, path, to):
        with self._in(to) as (folder, name), self.power.on():
            os.link(self.folder / path, name, dst_dir_fd=folder)
            self.power.linked(folder, name)

    def unlink(self, path):
        with self._in(path) as (folder, name), self.power.on(), self.power.removing(folder, name):
            os.unlink(name, dir_fd=folder)

    def rmdir(self, path):
        with self._in(path) as (folder, name), self.power.on(), self.power.removing(folder, name):
            os.rmdir(name, dir_fd=folder)

    def rename(self, path, to):
        with (
            self._in(path) as (folder, name),
            self._in(to) as (target, wanted),
            self.power.on(),
            self.power.renaming(folder, name, target, wanted),
        ):
            os.rename(name, wanted, src_dir_fd=folder, dst_dir_fd=target)

    def write(self, path, offset, data, flags=0):
        with self._node(path) as node, self.power.on():
            descriptor = os.open(self.folder / path, os.O_WRONLY | flags)
            try:
                with self.power.writing(node, descriptor, len(data), offset) as done:
                    done(os.pwrite(descriptor, data, offset))
            finally:
                os.close(descriptor)

    def truncate(self, path, size):
        with self._node(path) as node, self.power.on(), self.power.cutting(node, size):
            os.truncate(self.folder / path, size)

    def chmod(self, path, mode):
        with self._node(path) as node, self.power.on(), self.power.changing(node):
            (self.folder / path).chmod(mode)

    def fsync(self, path, *, only_data=False):
        with self._node(path) as node, self.power.on():
            self.power.synced(node, only_data=only_data, folder=(self.folder / path).is_dir())

    def shut(self, path):
        with self._node(path) as node:
            self.power.closed(node)

    def save(self, path, content, *, sync=True, sync_folder=True):
        """As a careful bot does, or one that is not."""
        beside = f"{path}.tmp"
        self.create(beside)
        self.write(beside, 0, content)
        if sync:
            self.fsync(beside)
        self.shut(beside)
        self.rename(beside, path)
        if sync_folder:
            self.fsync(path.rpartition("/")[0] or ".")


def tree(folder: Path):
    """All that lies in it: path → content of a file, or None of a folder."""
    found = {}
    for item in sorted(folder.rglob("*")):
        path = str(item.relative_to(folder))
        found[path] = (
            f"-> {item.readlink()}" if item.is_symlink() else None if item.is_dir() else item.read_bytes()
        )
    return found
