"""Linux: the kernel cleans up for us what it can."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import struct
import time
from collections.abc import Collection, Mapping
from pathlib import Path

__all__ = [
    "HAS_CONTROL_GROUPS",
    "HAS_FAKE_CLOCKS",
    "LOCALE",
    "SHARED_FOLDERS",
    "WriteWatcher",
    "adopt_orphans",
    "boot_clock",
    "boot_id",
    "descriptor_path",
    "die_with_parent",
    "forgo_new_privileges",
    "holds_write_lock",
    "in_our_pid_namespace",
    "mount_private_folders",
    "stay_awake_command",
    "user_temporary_folders",
]

# <sys/prctl.h>
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
# <sched.h>, <sys/mount.h>
_CLONE_NEWNS = 0x00020000
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18

#: A locale that every system has and whose text is UTF-8.
LOCALE = "C.UTF-8"
#: A program can have a clock of its own, with libfaketime.
HAS_FAKE_CLOCKS = True
#: There are control groups, where they are writable.
HAS_CONTROL_GROUPS = True
#: World-writable folders, and the arena's own folder that replaces each: one for each, so that a name in one is none in
#: another.
SHARED_FOLDERS = {Path("/tmp"): "tmp", Path("/var/tmp"): "shared/var-tmp", Path("/dev/shm"): "shm"}

_libc = ctypes.CDLL(None, use_errno=True)


def boot_id() -> str:
    """An id that is different after each boot (random(4))."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def boot_clock() -> float:
    """Seconds since some moment of this boot, sleep included, independent of the wall clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def in_our_pid_namespace(pid: int) -> bool:
    """False for a process of a container, which has processes and users of its own (pid_namespaces(7))."""
    try:
        return Path(f"/proc/{pid}/ns/pid").readlink() == Path("/proc/self/ns/pid").readlink()
    except OSError:  # ended meanwhile, or not ours to look into
        return True


def user_temporary_folders(uid: int) -> list[Path]:
    """Temporary folders that the system gives to one user alone: none."""
    del uid
    return []


def stay_awake_command(pid: int) -> list[str] | None:
    """The command that keeps the system from sleeping while a process lives: servers do not sleep by themselves."""
    del pid
    return None


def descriptor_path(descriptor: int) -> str:
    """A path that leads to what a descriptor of ours is open on, whatever covers its name (proc_pid_fd(5))."""
    return f"/proc/self/fd/{descriptor}"


class WriteWatcher:
    """Reports writes to a folder and the folders below it at once (inotify(7)). A context manager."""

    #: <sys/inotify.h>: IN_MODIFY, IN_CREATE, IN_MOVED_TO; an event about a folder; a folder, and no link to one.
    _MASK = 0x2 | 0x100 | 0x80
    _IS_FOLDER, _ONLY_FOLDERS = 0x40000000, 0x01000000 | 0x02000000
    #: So many folders: a bot may make any number of them, and a user may watch so many (inotify(7)).
    _MOST = 256

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: Their paths below the folder, by the number of their watch.
        self._watched: dict[int, str] = {}
        self._descriptor = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0 or not self._watch(""):
            raise OSError(ctypes.get_errno(), "inotify", str(folder))
        self._watch_below("")

    def __enter__(self) -> WriteWatcher:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def wait(self, seconds: float) -> bool:
        """Wait for a write, at most so long; True: there was one."""
        if not select.select([self._descriptor], [], [], seconds)[0]:
            return False
        self._read()
        return True

    def names(self, seconds: float) -> list[str]:
        """Wait for writes, at most so long; what was written, relative to the folder, once for each write."""
        return self._read() if select.select([self._descriptor], [], [], seconds)[0] else []

    def _read(self) -> list[str]:
        data, found = os.read(self._descriptor, 65536), []
        # struct inotify_event: wd, mask, cookie, length of the name, the name filled up with zeros
        while data:
            watch, mask, _, length = struct.unpack_from("iIII", data)
            name, data = os.fsdecode(data[16 : 16 + length].rstrip(b"\0")), data[16 + length :]
            if name and mask & self._MASK and watch in self._watched:
                path = str(Path(self._watched[watch], name))
                found.append(path)
                if mask & self._IS_FOLDER and self._watch(path):
                    self._watch_below(path)
        return found

    def _watch(self, below: str) -> bool:
        if len(self._watched) >= self._MOST:
            return False
        mask = self._MASK | (self._ONLY_FOLDERS if below else 0)
        watch = _libc.inotify_add_watch(self._descriptor, os.fsencode(self._folder / below), mask)
        if watch < 0:
            return False
        self._watched[watch] = below
        return True

    def _watch_below(self, below: str) -> None:
        """A folder that is there already has come with what is in it."""
        inner: list[str] = []
        with contextlib.suppress(OSError), os.scandir(self._folder / below) as entries:
            inner = [str(Path(below, entry.name)) for entry in entries if entry.is_dir(follow_symlinks=False)]
        for path in inner:
            if not self._watch(path):
                return
            self._watch_below(path)


def holds_write_lock(pids: Collection[int], path: Path, places: Collection[int]) -> bool:
    """Whether one of these processes holds a POSIX lock for writing on one of these bytes of a file (proc_locks(5))."""
    try:
        inode = path.stat().st_ino
        locks = Path("/proc/locks").read_text(encoding="ascii")
    except OSError:
        return False
    holders = set(map(str, pids))
    for line in locks.splitlines():
        # 1: POSIX  ADVISORY  WRITE 1234 08:01:5678 120 120; one that waits has an arrow behind its number.
        words = line.split()
        if words[1:2] == ["->"] or len(words) != 8 or words[3] != "WRITE" or words[4] not in holders:
            continue
        # Not the device: overlay file systems have one here and another one in stat(2).
        if words[5].rpartition(":")[2] != str(inode):
            continue
        last = float("inf") if words[7] == "EOF" else int(words[7])
        if any(int(words[6]) <= place <= last for place in places):
            return True
    return False


def die_with_parent() -> None:
    """The calling process gets SIGKILL when its parent dies (prctl(2), PR_SET_PDEATHSIG).

    To be called after a change of user, which clears it.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def forgo_new_privileges() -> bool:
    """No program that the calling process or its descendants start gives them more rights than they have.

    Set-id bits and file capabilities have no effect from now on (prctl(2), PR_SET_NO_NEW_PRIVS). True: the system does
    it.
    """
    return bool(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def adopt_orphans() -> bool:
    """Descendants whose parent dies become children of the calling process (prctl(2)).

    So a bot's child that detached itself is still found. True: the system does it.
    """
    return bool(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def mount_private_folders(folders: Mapping[Path, Path]) -> bool:
    """Give the calling process and its children their own view: each key shows its value's content.

    A private mount namespace with bind mounts (unshare(2), mount(2)); nobody else sees it and it is gone
    with its last process. False, with nothing changed for others, where that is not allowed.
    """
    if _libc.unshare(_CLONE_NEWNS) != 0:
        return False
    if not _mount(b"none", Path("/"), _MS_REC | _MS_PRIVATE):
        return False
    return all(_mount(os.fsencode(inner), seen_as, _MS_BIND) for seen_as, inner in folders.items())


def _mount(source: bytes, target: Path, flags: int) -> bool:
    return bool(_libc.mount(source, os.fsencode(target), None, flags, None) == 0)
