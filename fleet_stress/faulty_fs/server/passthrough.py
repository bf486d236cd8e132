"""The file system: it applies the rules, then performs each operation on the folder below as its caller."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet_stress.faulty_fs.power_cut.power import Mains
from fleet_stress.faulty_fs.server import lowlevel
from fleet_stress.faulty_fs.server.nodes import Node, Nodes
from fleet_stress.faulty_fs.shipped.effects import Caller, Effects

#: fuse_lowlevel.h: FUSE_SET_ATTR_*.
_MODE, _UID, _GID, _SIZE, _ATIME, _MTIME, _ATIME_NOW, _MTIME_NOW = 1, 2, 4, 8, 16, 32, 128, 256
_KEEP = 0xFFFFFFFF


class Passthrough:
    """What ``lowlevel.Session`` calls. Its methods answer the request, or raise OSError."""

    def __init__(self, root: int, effects: Effects, power: Mains | None = None) -> None:
        """``root``: a descriptor of the folder below (O_PATH); ``power``: tracks operations, if it may be cut."""
        self._nodes, self._effects, self._power = Nodes(root), effects, power or Mains()
        self._as_root = os.geteuid() == 0
        self._listings: dict[int, list[tuple[str, int, int]]] = {}

    def _caller(self, request: Any) -> Caller:
        """The caller; from here on this thread has its rights."""
        caller = Caller(*lowlevel.caller(request))
        if self._as_root:
            lowlevel.act_as(caller.uid, caller.gid)
        return caller

    @contextlib.contextmanager
    def _on(self, name: str, caller: Caller, *paths: str, size: int = 0) -> Iterator[Any]:
        """Wraps an operation: the rules first; then serialised, if the order counts."""
        with self._effects.on(name, paths, caller, size) as operation, self._power.on():
            yield operation

    def _in(self, number: int, name: bytes) -> tuple[int, str, str]:
        """A name in a folder: the folder's descriptor, the name, the path for rules and log."""
        text = os.fsdecode(name)
        return self._nodes[number].descriptor, text, self._nodes.where(number, text)

    def _reply_entry(self, request: Any, parent: int, name: str) -> None:
        node, status = self._nodes.look_up(parent, name)
        lowlevel.reply_entry(request, node.number, status)

    # ---- looking ----

    def lookup(self, request: Any, parent: int, name: bytes) -> None:
        """A name's node."""
        self._caller(request)
        self._reply_entry(request, parent, os.fsdecode(name))

    def forget(self, request: Any, number: int, lookups: int) -> None:
        """The kernel drops lookups of a node."""
        self._nodes.forget(number, lookups)
        lowlevel.reply_none(request)

    def forget_multi(self, request: Any, count: int, forgets: int) -> None:
        """The same for several nodes: pairs of number and lookups."""
        pairs = (ctypes.c_uint64 * (2 * count)).from_address(forgets)
        for index in range(count):
            self._nodes.forget(pairs[2 * index], pairs[2 * index + 1])
        lowlevel.reply_none(request)

    def getattr(self, request: Any, number: int, _info: Any) -> None:
        """stat(2); also of a file that has no name any more."""
        lowlevel.reply_attributes(request, os.fstat(self._nodes[number].descriptor))

    def readlink(self, request: Any, number: int) -> None:
        """The target of a link; the kernel follows it, not we."""
        lowlevel.reply_link(request, os.readlink("", dir_fd=self._nodes[number].descriptor))

    def statfs(self, request: Any, number: int) -> None:
        """statvfs(3) of the volume below."""
        lowlevel.reply_volume(request, os.statvfs(self._nodes[number].descriptor))

    # ---- names ----

    def mknod(self, request: Any, parent: int, name: bytes, mode: int, device: int) -> None:
        """Make a file, a pipe or a socket."""
        caller, (folder, text, path) = self._caller(request), self._in(parent, name)
        with self._on("mknod", caller, path):
            os.mknod(text, mode, device, dir_fd=folder)
            self._power.made(folder, text)
        self._reply_entry(request, parent, text)

    def mkdir(self, request: Any, parent: int, name: bytes, mode: int) -> None:
        """Make a folder."""
        caller, (folder, text, path) = self._caller(request), self._in(parent, name)
        with self._on("mkdir", caller, path):
            os.mkdir(text, mode, dir_fd=folder)
            self._power.made(folder, text)
        self._reply_entry(request, parent, text)

    def symlink(self, request: Any, target: bytes, parent: int, name: bytes) -> None:
        """Make a symbolic link."""
        caller, (folder, text, path) = self._caller(request), self._in(parent, name)
        with self._on("symlink", caller, path):
            os.symlink(os.fsdecode(target), text, dir_fd=folder)
            self._power.made(folder, text)
        self._reply_entry(request, parent, text)

    def link(self, request: Any, number: int, parent: int, name: bytes) -> None:
        """Make a hard link."""
        caller, (folder, text, path) = self._caller(request), self._in(parent, name)
        with self._on("link", caller, self._nodes.where(number), path):
            source = self._nodes[number].path
            os.link(source, text, dst_dir_fd=folder, follow_symlinks=True)
            self._power.linked(folder, text)
        self._reply_entry(request, parent, text)

    def unlink(self, request: Any, parent: int, name: bytes) -> None:
        """Remove a name; a process that has the file open keeps it."""
        caller, (folder, text, path) = self._caller(request), self._in(parent, name)
        with self._on("unlink", caller, path), self._power.removing(folder, text):
            os.unlink(text, dir_fd=folder)
        lowlevel.reply_error(request, 0)

    def rmdir(self, request: Any, parent: int, name: bytes) -> None:
        """Remove a folder."""
        caller, (folder, text, path) = self._caller(request), self._in(parent, name)
        with self._on("rmdir", caller, path), self._power.removing(folder, text):
            os.rmdir(text, dir_fd=folder)
        lowlevel.reply_error(request, 0)

    def rename(self, request: Any, parent: int, name: bytes, new: int, to: bytes, flags: int) -> None:
        """Rename or exchange, as atomic as on the folder below."""
        caller = self._caller(request)
        (folder, text, path), (target, wanted, there) = self._in(parent, name), self._in(new, to)
        exchange = bool(flags & lowlevel.RENAME_EXCHANGE)
        with (
            self._on("rename", caller, path, there),
            self._power.renaming(folder, text, target, wanted, exchange=exchange),
        ):
            if flags:
                lowlevel.rename_by(folder, text, target, wanted, flags)
            else:
                os.rename(text, wanted, src_dir_fd=folder, dst_dir_fd=target)
        self._nodes.moved((parent, text), (new, wanted))
        lowlevel.reply_error(request, 0)

    # ---- what files are ----

    def setattr(self, request: Any, number: int, attr: Any, wanted: int, info: Any) -> None:
        """chmod, chown, truncate, utimens: each is an operation of its own."""
        caller, node, path = self._caller(request), self._nodes[number], self._nodes.where(number)
        attributes = attr.contents
        if wanted & _MODE:
            with self._on("chmod", caller, path), self._power.changing(node.descriptor):
                Path(node.path).chmod(stat.S_IMODE(attributes.st_mode))
        if wanted & (_UID | _GID):
            with self._on("chown", caller, path), self._power.changing(node.descriptor):
                uid, gid = (
                    (attributes.st_uid if wanted & _UID else _KEEP),
                    (attributes.st_gid if wanted & _GID else _KEEP),
                )
                lowlevel.change_owner(node.descriptor, uid, gid)
        if wanted & _SIZE:
            with (
                self._on("truncate", caller, path, size=attributes.st_size),
                self._power.cutting(node.descriptor, attributes.st_size),
            ):
                # By its descriptor, if there is one: who opened it for writing may write, whatever its mode is now.
                where = info.contents.fh if info else node.path
                os.truncate(where, attributes.st_size)
        if wanted & (_ATIME | _MTIME):
            with self._on("utimens", caller, path):
                self._set_times(node, attributes, wanted)
        lowlevel.reply_attributes(request, os.fstat(node.descriptor))

    def _set_times(self, node: Node, attributes: Any, wanted: int) -> None:
        now = os.fstat(node.descriptor)
        if stat.S_ISLNK(now.st_mode):
            raise OSError(errno.EPERM, "the times of a link itself are its folder's business")
        if wanted & _ATIME_NOW and wanted & _MTIME_NOW:
            os.utime(node.path)  # allowed to writers; setting a given time is for the owner
            return
        clock = time.time_ns() if wanted & (_ATIME_NOW | _MTIME_NOW) else 0
        times = []
        for flag, at_once, name in ((_ATIME, _ATIME_NOW, "atime"), (_MTIME, _MTIME_NOW, "mtime")):
            spec = getattr(attributes, f"st_{name}spec")
            given = clock if wanted & at_once else spec.tv_sec * 1_000_000_000 + spec.tv_nsec
            times.append(given if wanted & flag else getattr(now, f"st_{name}_ns"))
        os.utime(node.path, ns=(times[0], times[1]))

    # ---- files ----

    def create(self, request: Any, parent: int, name: bytes, mode: int, info: Any) -> None:
        """Create and open a file."""
        caller, (folder, text, path) = self._caller(request), self._in(parent, name)
        flags = (info.contents.flags & ~os.O_DIRECT) | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with self._on("create", caller, path):
            descriptor = os.open(text, flags, mode, dir_fd=folder)
            self._power.made(folder, text)
        try:
            node, status = self._nodes.look_up(parent, text)
        except OSError:
            os.close(descriptor)
            raise
        info.contents.fh = descriptor
        if not lowlevel.reply_create(request, node.number, status, info):
            os.close(descriptor)

    def open(self, request: Any, number: int, info: Any) -> None:
        """Open an existing file. O_APPEND is kept, so each write is at the end, whoever else writes."""
        caller, path = self._caller(request), self._nodes.where(number)
        flags = (info.contents.flags & ~(os.O_DIRECT | os.O_NOFOLLOW | os.O_CREAT | os.O_EXCL)) | os.O_CLOEXEC
        writing = flags & os.O_ACCMODE != os.O_RDONLY or flags & os.O_TRUNC
        node, empties = self._nodes[number].descriptor, bool(flags & os.O_TRUNC)
        with (
            self._on("open", caller, path) if writing else contextlib.nullcontext() as operation,
            self._power.cutting(node, 0) if empties else contextlib.nullcontext(),
        ):
            if operation is not None and empties:
                operation.truncates()
            descriptor = os.open(self._nodes[number].path, flags)
        info.contents.fh = descriptor
        if not lowlevel.reply_open(request, info):
            os.close(descriptor)

    def read(self, request: Any, number: int, size: int, offset: int, info: Any) -> None:
        """pread(2)."""
        caller, descriptor = self._caller(request), info.contents.fh
        # The kernel asks for whole pages; a slow disk delays only existing bytes.
        there = max(0, min(size, os.fstat(descriptor).st_size - offset))
        with self._on("read", caller, self._nodes.where(number), size=there):
            data = os.pread(descriptor, size, offset)
        lowlevel.reply_data(request, data)

    def write(self, request: Any, number: int, data: int, size: int, offset: int, info: Any) -> None:
        """pwrite(2), or an append; perhaps less than requested."""
        caller, descriptor = self._caller(request), info.contents.fh
        with (
            self._on("write", caller, self._nodes.where(number), size=size) as operation,
            self._power.writing(
                self._nodes[number].descriptor, descriptor, operation.most, offset
            ) as written,
        ):
            done = os.pwrite(descriptor, ctypes.string_at(data, operation.most), offset)
            operation.done(done)
            written(done)
        lowlevel.reply_written(request, done)

    def fallocate(self, request: Any, number: int, mode: int, offset: int, length: int, info: Any) -> None:
        """Allocate room, or punch a hole."""
        caller = self._caller(request)
        with (
            self._on("fallocate", caller, self._nodes.where(number), size=length),
            self._power.allocating(self._nodes[number].descriptor),
        ):
            lowlevel.fallocate(info.contents.fh, mode, offset, length)
        lowlevel.reply_error(request, 0)

    def fsync(self, request: Any, number: int, only_data: int, info: Any) -> None:
        """Make a file durable, as far as the folder below is."""
        caller = self._caller(request)
        with self._on("fdatasync" if only_data else "fsync", caller, self._nodes.where(number)):
            (os.fdatasync if only_data else os.fsync)(info.contents.fh)
            node = self._nodes[number].descriptor
            self._power.synced(node, only_data=bool(only_data), folder=stat.S_ISDIR(os.fstat(node).st_mode))
        lowlevel.reply_error(request, 0)

    def release(self, request: Any, number: int, info: Any) -> None:
        """The last user has closed the file."""
        self._power.closed(self._nodes[number].descriptor)
        os.close(info.contents.fh)
        lowlevel.reply_error(request, 0)

    # ---- folders ----

    def opendir(self, request: Any, number: int, info: Any) -> None:
        """Open a folder for listing."""
        self._caller(request)
        descriptor = os.open(self._nodes[number].path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        info.contents.fh = descriptor
        if not lowlevel.reply_open(request, info):
            os.close(descriptor)

    def readdir(self, request: Any, number: int, size: int, offset: int, info: Any) -> None:
        """List names. Offsets refer to the list as read at its beginning, so no name is repeated or missed."""
        self._caller(request)
        descriptor = info.contents.fh
        if offset == 0 or descriptor not in self._listings:
            self._listings[descriptor] = list(_listed(descriptor))
        lowlevel.reply_names(request, self._listings[descriptor], offset, size)

    def releasedir(self, request: Any, number: int, info: Any) -> None:
        """Close a folder."""
        self._listings.pop(info.contents.fh, None)
        os.close(info.contents.fh)
        lowlevel.reply_error(request, 0)

    def fsyncdir(self, request: Any, number: int, only_data: int, info: Any) -> None:
        """fsync(2) of a folder."""
        self.fsync(request, number, only_data, info)


def _listed(folder: int) -> Iterator[tuple[str, int, int]]:
    for name in (".", ".."):
        yield name, os.stat(name, dir_fd=folder).st_ino if name == "." else 1, stat.S_IFDIR
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            yield entry.name, status.st_ino, status.st_mode
