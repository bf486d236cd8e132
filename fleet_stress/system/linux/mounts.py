"""Linux: volumes in memory (tmpfs(5)), and what is mounted in the caller's own view (proc_pid_mountinfo(5))."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable

from fleet_stress.store.bare_python.mount_table import Mounted, of_linux
from fleet_stress.system.programs import run

__all__ = [
    "HAS_FUSE",
    "HAS_PRIVATE_MOUNTS",
    "Mounted",
    "bind_mount",
    "bind_mount_gone",
    "mount_ram_volume",
    "mount_read_only",
    "mounts",
    "ram_device_gone",
    "ram_device_record",
    "remove_ram_device",
    "unmount",
    "unmount_bind",
    "why_no_private_read_only",
    "why_no_ram_volume",
    "why_no_such_ram_volume",
]

# <sched.h>, <sys/mount.h>
_CLONE_NEWNS = 0x00020000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_MS_RDONLY, _MS_REMOUNT, _MS_RELATIME = 1, 32, 1 << 21
#: Flags that statvfs(3) tells with the number that mount(2) takes: nosuid, nodev, noexec, noatime, nodiratime.
_SAME = 2 | 4 | 8 | 1024 | 2048
_ST_RELATIME = 4096
_MNT_DETACH = 2

#: An arena's mounts are in a namespace of its own, which goes with its last process.
HAS_PRIVATE_MOUNTS = True
#: The faulty file system can be mounted, where libfuse is.
HAS_FUSE = True

_libc = ctypes.CDLL(None, use_errno=True)


def mounts() -> list[Mounted]:
    """All that is mounted in the caller's mount namespace, the newest last."""
    return of_linux(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))


def ram_device_record(source: str, ticket: Path) -> Mapping[str, Any] | None:
    """Nothing: an arena's volume goes with its namespace, and one for all to see is known by its source."""
    del source, ticket
    return None


def remove_ram_device(source: str, ticket: str) -> None:
    """There is no such record here."""


def ram_device_gone(source: str, ticket: str) -> bool:
    """There is no such record here."""
    del source, ticket
    return True


def mount_ram_volume(
    source: str,
    target: Path,
    *,
    size: int,
    inodes: int | None,
    owner: tuple[int, int],
    mode: int = 0o700,
    ticket: Path | None = None,
) -> None:
    """Mount a tmpfs of ``size`` bytes (in whole pages) that belongs to ``owner``. Raises OSError."""
    del ticket
    options = f"size={size},mode={mode:04o},uid={owner[0]},gid={owner[1]}"
    options += f",nr_inodes={inodes}" if inodes else ""
    _call(source, target, "tmpfs", _MS_NOSUID | _MS_NODEV, options)


def bind_mount(source: Path, target: Path) -> None:
    """Let ``target`` show what is in the folder ``source`` (a bind mount). Raises OSError."""
    _call(str(source), target, None, _MS_BIND, None)


def mount_read_only(folder: Path) -> None:
    """Let a folder show what is in it, and nobody change it there (EROFS). Raises OSError.

    A bind mount on itself that is read-only; what was opened for writing before stays so. ``unmount`` takes it away.
    The flags of what it lies on are kept: the kernel refuses to give them up where they are locked (mount(2)).
    """
    has = os.statvfs(folder).f_flag
    kept = has & _SAME | (_MS_RELATIME if has & _ST_RELATIME else 0)
    _call(str(folder), folder, None, _MS_BIND, None)
    try:
        _call("none", folder, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | kept, None)
    except OSError:
        unmount(folder)
        raise


def unmount_bind(target: Path) -> None:
    """A bind mount goes with its namespace."""


def bind_mount_gone(target: Path) -> bool:
    """A bind mount goes with its namespace."""
    del target
    return True


def unmount(target: Path) -> None:
    """Take the topmost mount at ``target`` away. Raises OSError.

    One that is still in use vanishes from the tree at once and lets its memory go with its last user
    (umount2(2), MNT_DETACH): undoing does not wait for whoever sits in it. Without root only what fusermount3 has
    mounted can be taken away, and by it.
    """
    for flags in (0, _MNT_DETACH):
        if _libc.umount2(os.fsencode(target), flags) == 0:
            return
        number = ctypes.get_errno()
        if number != errno.EBUSY:
            break
    if number == errno.EPERM and run(["fusermount3", "-u", "-z", str(target)]).code == 0:
        return
    raise OSError(number, os.strerror(number), str(target))


def why_no_ram_volume() -> str | None:
    """Why no tmpfs can be mounted in a mount namespace of one's own; None: it can, it was just tried.

    Tried, because no setting tells: containers and security modules refuse at the last step. In a child
    that ends at once, and the namespace with it.
    """
    return _in_scratch_namespace(
        lambda: mount_ram_volume("fleet-stress:try", Path("/proc"), size=65536, inodes=None, owner=(0, 0))
    )


def why_no_private_read_only() -> str | None:
    """Why no folder can be made read-only in a mount namespace of one's own; None: it can, it was just tried."""
    return _in_scratch_namespace(lambda: mount_read_only(Path("/proc")))


def why_no_such_ram_volume(size: int, inodes: int | None) -> str | None:
    """A tmpfs has any size, and any number of files."""
    del size, inodes
    return None


def mount_kind(kind: str, target: Path) -> bool:
    """Mount a file system that needs no device (``mqueue``); False: not allowed, or the kernel has none."""
    try:
        _call("none", target, kind, _MS_NOSUID | _MS_NODEV, None)
    except OSError:
        return False
    return True


def in_scratch_mounts(attempt: Callable[[], str]) -> str:
    """What ``attempt`` returns in a mount namespace that is gone at once, at most 60 KB; empty where there is none."""
    reading, writing = os.pipe()  # which holds 64 KB
    try:
        _in_scratch_namespace(lambda: _tell(writing, attempt()))
    finally:
        os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        return os.fsdecode(stream.read())


def _tell(descriptor: int, text: str) -> None:
    os.write(descriptor, os.fsencode(text)[:60_000])


def _in_scratch_namespace(attempt: Callable[[], None]) -> str | None:
    """What ``attempt`` raises in a mount namespace that is gone at once; None: nothing."""

    def there() -> None:
        if _libc.unshare(_CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")
        _call("none", Path("/"), None, _MS_REC | _MS_PRIVATE, None)
        attempt()

    return in_child(there)


def in_child(act: Callable[[], None]) -> str | None:
    """What ``act`` raises in a child process of ours; None: nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            act()
        except OSError as problem:
            os.write(writing, (problem.strerror or str(problem)).encode())
        except BaseException as problem:  # never out of here: it would be a second one of us
            os.write(writing, repr(problem).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said or None


def _call(source: str, target: Path, kind: str | None, flags: int, options: str | None) -> None:
    words = [None if text is None else text.encode() for text in (source, kind, options)]
    if _libc.mount(words[0], os.fsencode(target), words[1], flags, words[2]) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {kind or 'bind'}: {os.strerror(number)}", str(target))
