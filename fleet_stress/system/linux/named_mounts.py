"""Linux: mounts of ours, found by the name that they were mounted under (their source), wherever they are by now.

A mount keeps its source when a folder above it is renamed, when it is moved or bound elsewhere, and in a copy of its
mount namespace (mount_namespaces(7)). So all namespaces that have a process are looked at. What others have mounted on
it, or over it, is never taken away: then it stays, and that is said.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import psutil

from fleet_stress.store.bare_python.mount_table import Mounted, of_linux
from fleet_stress.system.linux.mounts import in_child
from fleet_stress.system.programs import run

__all__ = ["mounts_named", "unmount_named"]

# <sched.h>, <sys/mount.h>
_CLONE_NEWNS, _MNT_DETACH = 0x00020000, 2

#: What mountinfo writes as a number (proc_pid_mountinfo(5)).
_ESCAPED = re.compile(r"[ \t\n\\]")

_libc = ctypes.CDLL(None, use_errno=True)


def mounts_named(source: str, point: str | None = None) -> list[str]:
    """Where a mount of that name is, in words; empty: nowhere.

    ``point``: look there alone, in the caller's namespace: for names that are not unique.
    """
    found = [mount.point for mount in _table("/proc/self") if _is(mount, source, point)]
    if point is None:
        found += [
            f"{mount.point} as process {pid} sees it"
            for pid in _in_other_namespaces()
            for mount in _named(f"/proc/{pid}", source)
        ]
    return found


def unmount_named(source: str, point: str | None = None) -> None:
    """Take all mounts of that name away; ``point`` as above. Repeatable.

    One in use vanishes from the tree at once, and its memory with its last user (umount2(2), MNT_DETACH). Raises
    OSError for one that is left, with the reason and what to do.
    """
    _take_away("/proc", lambda mount: _is(mount, source, point))
    if point is not None:
        return
    for pid in _in_other_namespaces():
        if _named(f"/proc/{pid}", source):
            said = in_child(lambda: _take_away_there(pid, source))  # noqa: B023  # it is called here
            if said is not None and _named(f"/proc/{pid}", source):
                raise OSError(f"in the mount namespace of process {pid} (nsenter -t {pid} -m): {said}")


def _is(mount: Mounted, source: str, point: str | None) -> bool:
    return mount.source == source and point in (None, mount.point)


def _named(process: str, source: str) -> list[Mounted]:
    """The mounts of that name that a process sees. Most see none: then the table is not even taken apart."""
    text = _mountinfo(process)
    if source not in text and not _ESCAPED.search(source):
        return []
    return [mount for mount in of_linux(text) if mount.source == source]


def _table(process: str) -> list[Mounted]:
    return of_linux(_mountinfo(process))


def _mountinfo(process: str) -> str:
    """What a process sees mounted; nothing of one that is gone or that we may not look at."""
    try:
        return Path(process, "mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _in_other_namespaces() -> Iterator[int]:
    """A process in each mount namespace but the caller's, as far as we may look."""
    seen = {Path("/proc/self/ns/mnt").stat().st_ino}
    for pid in sorted(psutil.pids()):
        try:
            number = os.stat(f"/proc/{pid}/ns/mnt").st_ino  # noqa: PTH116  # hundreds of them: a Path costs more
        except OSError:
            continue
        if number not in seen:
            seen.add(number)
            yield pid


def _take_away_there(pid: int, source: str) -> None:
    """In a child of ours: setns(2) changes its root, so our /proc is its working folder."""
    own_proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    namespace = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    if _libc.setns(namespace, _CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), f"setns: {os.strerror(ctypes.get_errno())}")
    os.fchdir(own_proc)
    _take_away(".", lambda mount: mount.source == source)


def _take_away(proc: str, ours: Callable[[Mounted], bool]) -> None:
    while True:
        table = _table(f"{proc}/self")
        named = [mount for mount in table if ours(mount)]
        if not named:
            return
        on_top = {mount.parent: mount for mount in table if mount.number != mount.parent}
        free = [mount for mount in named if mount.number not in on_top]
        if not free:
            raise OSError(_left(named[-1], "on top of", on_top[named[-1].number]))
        _unmount(proc, free[-1], table)


def _unmount(proc: str, mount: Mounted, table: list[Mounted]) -> None:
    """By a descriptor of that very mount, because by now its path may lead to another."""
    try:
        descriptor = os.open(mount.point, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        raise OSError(_hidden(mount, table)) from None
    try:
        told = Path(proc, "self/fdinfo", str(descriptor)).read_text(encoding="ascii").split()
        if int(told[told.index("mnt_id:") + 1]) != mount.number:
            raise OSError(_hidden(mount, table))
        if _libc.umount2(f"{proc}/self/fd/{descriptor}".encode(), _MNT_DETACH) == 0:
            return
        number = ctypes.get_errno()
    finally:
        os.close(descriptor)
    # Without root only what fusermount3 has mounted can be taken away, and by it.
    if os.geteuid() != 0 and run(["fusermount3", "-u", "-z", mount.point]).code == 0:
        return
    raise OSError(number, os.strerror(number), mount.point)


def _hidden(mount: Mounted, table: list[Mounted]) -> str:
    """By the newest of the mounts at its path, or above, on which it does not itself lie."""
    by_number, below, at = {one.number: one for one in table}, {mount.number}, mount
    while at.parent in by_number and at.parent not in below:
        at = by_number[at.parent]
        below.add(at.number)
    over = [
        one
        for one in table
        if one.number not in below and f"{mount.point}/".startswith(f"{one.point.rstrip('/')}/")
    ]
    return (
        _left(mount, "over", over[-1])
        if over
        else f"{mount.source} at {mount.point} cannot be reached by its path"
    )


def _left(mount: Mounted, how: str, other: Mounted) -> str:
    return (
        f"{other.source} ({other.kind}) is mounted at {other.point}, {how} {mount.source} at {mount.point};"
        f" it belongs to somebody else, so both are left. Unmount {other.point} first"
    )
