"""macOS: without namespaces and parent-death signals; the arena watches its processes instead."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from fleet_stress.system.programs import program_of_the_system, run

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

#: A locale that every system has and whose text is UTF-8.
LOCALE = "en_US.UTF-8"
#: libfaketime is used as on Linux; it is untested on macOS.
HAS_FAKE_CLOCKS = False
#: macOS has no control groups.
HAS_CONTROL_GROUPS = False
#: Folders that anybody may write to, by their real names: /tmp and /var are links. An arena cannot hide them.
SHARED_FOLDERS = {Path("/private/tmp"): "tmp", Path("/private/var/tmp"): "tmp"}
_USERS_OWN = Path("/private/var/folders")


def boot_id() -> str:
    """An id that is different after each boot (``sysctl kern.bootsessionuuid``)."""
    return run(["sysctl", "-n", "kern.bootsessionuuid"]).stdout.strip()


def boot_clock() -> float:
    """Seconds since some moment of this boot, sleep included (clock_gettime(3) of macOS)."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def in_our_pid_namespace(pid: int) -> bool:
    """True: macOS has no containers of its own."""
    return pid > 0


def user_temporary_folders(uid: int) -> list[Path]:
    """Temporary folders that the system gives to one user alone (confstr(3), _CS_DARWIN_USER_TEMP_DIR and others).

    ``/private/var/folders/<xx>/<hash>`` belongs to the user; a program that asks confstr(3) instead of reading TMPDIR
    writes there.
    """
    found = []
    with contextlib.suppress(OSError):
        for group in os.scandir(_USERS_OWN):
            with contextlib.suppress(OSError):
                found += [Path(entry.path) for entry in os.scandir(group.path) if entry.stat().st_uid == uid]
    return found


def stay_awake_command(pid: int) -> list[str] | None:
    """The command that keeps the system from sleeping while a process lives, and ends with it (caffeinate(8)).

    ``-i``: no sleep for want of something to do; ``-m``: nor of the disk. A lid that is closed is not held open.
    None: there is no such program.
    """
    program = program_of_the_system("caffeinate")
    return None if program is None else [program, "-i", "-m", "-w", str(pid)]


def descriptor_path(descriptor: int) -> str:
    """Unavailable on macOS: without /proc no path leads below a mount by a descriptor (fdesc(5) of a folder is none).

    Raises OSError.
    """
    raise OSError(f"macOS has no path to what descriptor {descriptor} is open on")


def holds_write_lock(pids: Collection[int], path: Path, places: Collection[int]) -> bool:
    """False: macOS does not report who holds a lock."""
    del pids, path, places
    return False


class WriteWatcher:
    """Reports writes to a folder and the folders below it, by frequent polling. A context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = self._look()

    def __enter__(self) -> WriteWatcher:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _look(self) -> list[tuple[str, int]]:
        return sorted(self._below(""))

    def _below(self, folder: str) -> Iterator[tuple[str, int]]:
        with contextlib.suppress(OSError), os.scandir(self._folder / folder) as entries:
            for entry in entries:
                path = str(Path(folder, entry.name))
                yield path, entry.stat(follow_symlinks=False).st_mtime_ns
                if entry.is_dir(follow_symlinks=False):
                    yield from self._below(path)

    def wait(self, seconds: float) -> bool:
        """Wait for a write, at most so long; True: there was one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            now = self._look()
            if now != self._known:
                self._known = now
                return True
            time.sleep(0.0005)
        return False

    def names(self, seconds: float) -> list[str]:
        """Wait for writes, at most so long; what was written, relative to the folder."""
        before = dict(self._known)
        if not self.wait(seconds):
            return []
        return [name for name, written in self._known if before.get(name) != written]


def die_with_parent() -> None:
    """Unavailable on macOS: the arena ends its bots, or ``recover`` does if the arena was killed."""


def forgo_new_privileges() -> bool:
    """Unavailable on macOS: set-id programs of the system keep their effect; a bot's own are copied without the bit."""
    return False


def adopt_orphans() -> bool:
    """Unavailable on macOS: detached children are found by the mark in their environment."""
    return False


def mount_private_folders(folders: Mapping[Path, Path]) -> bool:
    """Unavailable on macOS: writes to the shared temporary folders are looked for instead."""
    del folders
    return False
