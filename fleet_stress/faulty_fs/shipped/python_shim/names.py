"""Calls that create, move or remove a name or change metadata: which operation each of them is."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fleet_stress.faulty_fs.shipped.python_shim.call import Call
from fleet_stress.faulty_fs.shipped.python_shim.real import system
from fleet_stress.faulty_fs.shipped.python_shim.watched import Folders, Spot, add_names

#: fcntl(2) of macOS, which has no other way to make data durable (fsync(2) there says so): F_FULLFSYNC, F_BARRIERFSYNC.
_MAC_SYNCS = (51, 85)


class NameOperation(NamedTuple):
    """One operation on names: which, on which files, and the names that the call used."""

    name: str
    spots: Sequence[Spot | None]
    names: Sequence[Any] = ()
    size: int = 0
    truncates: bool = False


class NameCall(Call):
    """A call that creates, moves or removes a name or changes metadata; ``recognise`` says which operation it is."""

    __slots__ = ("_recognise",)

    def __init__(
        self, original: Any, folders: Folders, recognise: Callable[..., NameOperation | None]
    ) -> None:
        super().__init__(original, folders)
        self._recognise = recognise

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As the function that it replaces."""
        try:
            operation = self._recognise(self._folders, *args, **kwargs)
        except TypeError:  # wrong arguments: the function itself says so
            operation = None
        spots = [spot for spot in operation.spots if spot is not None] if operation else []
        if operation is None or not spots:
            return self._original(*args, **kwargs)
        watched = spots[0].watched
        paths = [spot.path for spot in spots if spot.watched is watched]
        by_rule = True
        try:
            with watched.operation(operation.name, paths, operation.size) as running:
                if operation.truncates:
                    running.truncates()
                by_rule = False
                return self._original(*args, **kwargs)
        except OSError as problem:
            if by_rule:
                add_names(problem, *operation.names)
            raise


def opening(spot: Spot, flags: int) -> str | None:
    """The operation that such an open(2) is; None: the file system is not asked, or it is only a lookup."""
    writing = flags & os.O_ACCMODE != os.O_RDONLY or flags & os.O_TRUNC
    try:
        status = system.stat(spot.real)
    except OSError:
        return "create" if flags & os.O_CREAT and spot.may_be_made() else None
    if (flags & os.O_CREAT and flags & os.O_EXCL) or not stat.S_ISREG(status.st_mode):
        return None
    return "open" if writing and system.access(spot.real, os.W_OK) else None


def opened(
    folders: Folders, path: Any, flags: int, mode: int = 0o777, *, dir_fd: Any = None
) -> NameOperation | None:
    """open(2)."""
    del mode
    if getattr(os, "O_TMPFILE", 0) and flags & os.O_TMPFILE == os.O_TMPFILE:
        return None
    spot = folders.at(path, follow=not flags & os.O_NOFOLLOW, folder=dir_fd)
    name = opening(spot, flags) if spot else None
    return NameOperation(name, [spot], [path], truncates=empties(name, flags)) if name else None


def empties(name: str, flags: int) -> bool:
    """Whether such an open(2) empties an existing file."""
    return name == "open" and bool(flags & os.O_TRUNC)


def renamed(
    folders: Folders, src: Any, dst: Any, *, src_dir_fd: Any = None, dst_dir_fd: Any = None
) -> NameOperation | None:
    """rename(2)."""
    old = folders.at(src, follow=False, folder=src_dir_fd)
    new = folders.at(dst, follow=False, folder=dst_dir_fd)
    return NameOperation("rename", [old, new], [src, dst]) if _moves(old, new) else None


def _moves(old: Spot | None, new: Spot | None) -> bool:
    if any(spot and not spot.may_change() for spot in (old, new)):
        return False
    was = old.status() if old else None
    if old and was is None:
        return False
    there = new.status() if new else None
    # A folder is not renamed over a file, nor a file over a folder: the kernel refuses by itself.
    return not (was and there and stat.S_ISDIR(was.st_mode) is not stat.S_ISDIR(there.st_mode))


def linked(
    folders: Folders,
    src: Any,
    dst: Any,
    *,
    src_dir_fd: Any = None,
    dst_dir_fd: Any = None,
    follow_symlinks: bool = True,
) -> NameOperation | None:
    """link(2)."""
    old = folders.at(src, follow=follow_symlinks, folder=src_dir_fd)
    new = folders.at(dst, follow=False, folder=dst_dir_fd)
    if new is None or not new.may_be_made() or (old is not None and old.status() is None):
        return None
    return NameOperation("link", [old, new], [src, dst])


def symlinked(
    folders: Folders, src: Any, dst: Any, target_is_directory: bool = False, *, dir_fd: Any = None
) -> NameOperation | None:
    """symlink(2)."""
    del target_is_directory
    return _made("symlink", folders.at(dst, follow=False, folder=dir_fd), src, dst)


def folder_made(
    folders: Folders, path: Any, mode: int = 0o777, *, dir_fd: Any = None
) -> NameOperation | None:
    """mkdir(2)."""
    del mode
    return _made("mkdir", folders.at(path, follow=False, folder=dir_fd), path)


def node_made(
    folders: Folders, path: Any, mode: int = 0o600, device: int = 0, *, dir_fd: Any = None
) -> NameOperation | None:
    """mknod(2), mkfifo(3)."""
    del mode, device
    return _made("mknod", folders.at(path, follow=False, folder=dir_fd), path)


def _made(name: str, spot: Spot | None, *names: Any) -> NameOperation | None:
    return NameOperation(name, [spot], names) if spot and spot.may_be_made() else None


def unlinked(folders: Folders, path: Any, *, dir_fd: Any = None) -> NameOperation | None:
    """unlink(2)."""
    spot = folders.at(path, follow=False, folder=dir_fd)
    return NameOperation("unlink", [spot], [path]) if spot and spot.may_go(folder=False) else None


def folder_removed(folders: Folders, path: Any, *, dir_fd: Any = None) -> NameOperation | None:
    """rmdir(2)."""
    spot = folders.at(path, follow=False, folder=dir_fd)
    return NameOperation("rmdir", [spot], [path]) if spot and spot.may_go(folder=True) else None


def changed(name: str) -> Callable[..., NameOperation | None]:
    """What only a file's owner may do: chmod(2), chown(2), utimensat(2)."""

    def recognise(
        folders: Folders, path: Any, *values: Any, dir_fd: Any = None, follow_symlinks: bool = True, **_: Any
    ) -> NameOperation | None:
        del values
        spot = folders.at(path, follow=follow_symlinks, folder=dir_fd)
        status = spot.status() if spot else None
        mine = status is not None and system.geteuid() in (0, status.st_uid)
        unnamed = isinstance(path, int) or name == "utimens"  # utime does not name its file in an error
        return NameOperation(name, [spot], () if unnamed else [path]) if mine else None

    return recognise


def link_owned(folders: Folders, path: Any, uid: int, gid: int) -> NameOperation | None:
    """lchown(2)."""
    return changed("chown")(folders, path, uid, gid, follow_symlinks=False)


def truncated(folders: Folders, path: Any, length: int) -> NameOperation | None:
    """truncate(2), ftruncate(2)."""
    spot = folders.at(path)
    writable = spot and (isinstance(path, int) or system.access(spot.real, os.W_OK))
    return (
        NameOperation("truncate", [spot], () if isinstance(path, int) else [path], length)
        if writable
        else None
    )


def synced(name: str) -> Callable[..., NameOperation | None]:
    """fsync(2), fdatasync(2)."""

    def recognise(folders: Folders, fd: Any) -> NameOperation | None:
        return NameOperation(name, [folders.of(fd if isinstance(fd, int) else fd.fileno())])

    return recognise


def fully_synced(folders: Folders, fd: Any, cmd: int, arg: Any = 0) -> NameOperation | None:
    """fcntl(2) of macOS, where it makes data durable."""
    del arg
    return synced("fsync")(folders, fd) if cmd in _MAC_SYNCS else None


def room_taken(folders: Folders, fd: int, offset: int, length: int) -> NameOperation | None:
    """posix_fallocate(3)."""
    del offset
    return NameOperation("fallocate", [folders.of(fd)], (), length)
