"""The control groups of one arena: whatever its bots become, they are in them, and all of it is ended at once.

A process that forks and exits each millisecond carries no mark, has no parent, and is gone before anybody looks at it.
But nobody without root gets out of a control group, and no child of theirs is born elsewhere (cgroups(7)). Linux only,
and only where groups are writable.

In version 2 the group ``fleet-stress-<arena>`` has the groups ``bot`` and ``beside`` (companions, commands) below it,
and those that faults make for the bot meanwhile; ``cgroup.kill`` (Linux 5.14) ends all of it, and before that kernel
``cgroup.freeze`` (5.2) holds it still for SIGKILL. In version 1 it is the freezer's hierarchy. The ``pids`` controller
limits how many processes there are. See cgroup-v2.rst, freezer-subsystem.rst and pids.rst of the kernel.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import psutil

from fleet_stress import system
from fleet_stress.store.deadline import wait_until
from fleet_stress.system import cgroups

#: The groups of the bot, and of what runs beside it.
BOT, BESIDE = cgroups.BOT, cgroups.BESIDE
#: So many processes and threads an arena's bots may have, unless the host has room for fewer.
_MOST = 4096
_PID_MAX = Path("/proc/sys/kernel/pid_max")
#: Seconds for all members to be gone, and to stand still.
_GONE_WITHIN, _STILL_WITHIN = 30.0, 1.0
#: Who is there so long after SIGKILL hangs in a file system, perhaps one of their own. Seconds.
_HANGS_AFTER = 1.0


def most_processes(arenas: int) -> int:
    """How many processes one of so many arenas may have: together they leave the host half of its process ids."""
    try:
        ids = int(_PID_MAX.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return _MOST
    return max(128, min(_MOST, ids // 2 // max(1, arenas)))


class Cage:
    """The groups of the arena ``mark``. Without any that could be made, all that it does is nothing."""

    def __init__(self, mark: str, mounts: Path = Path("/proc/self/mounts")) -> None:
        roots = cgroups.roots(mounts)
        name = cgroups.folder_name(mark)
        top = next((roots[kind] for kind in ("cgroup2", "freezer", "pids") if kind in roots), None)
        #: The group that is ended as a whole; None: there is none here.
        self.path = top / name if top else None
        limiting = roots.get("pids")
        if "cgroup2" in roots and "pids" in cgroups.controllers_below(roots["cgroup2"]):
            limiting = roots["cgroup2"]
        #: The group that limits how many there are; None: there is none here.
        self.limiting = limiting / name if limiting else None
        self.limit: int | None = None

    def paths(self) -> list[Path]:
        """The groups that ``make`` makes: how to end them is to be on disk before."""
        return list(dict.fromkeys(path for path in (self.path, self.limiting) if path))

    def make(self, most: int) -> None:
        """Make the groups, with room for so many processes. Raises OSError."""
        for path in self.paths():
            path.mkdir(exist_ok=True)
        for name in (BOT, BESIDE):
            if self.path:
                (self.path / name).mkdir(exist_ok=True)
        if self.limiting:
            (self.limiting / "pids.max").write_text(str(most), encoding="ascii")
            self.limit = most

    def doors(self, name: str) -> list[Path]:
        """The groups that a process of ``BOT`` or ``BESIDE`` is to be in."""
        found = [self.path / name] if self.path else []
        return found + ([self.limiting] if self.limiting and self.limiting != self.path else [])

    def try_doors(self) -> None:
        """Raise OSError where nobody can enter: a container may let its root make groups and no more."""
        doors = [group / "cgroup.procs" for name in (BESIDE, BOT) for group in self.doors(name)]
        result = system.as_user(os.getuid(), os.getgid(), functools.partial(_enter, doors))
        if result != system.WELL:
            raise OSError(f"one of {', '.join(map(str, dict.fromkeys(doors)))} lets nobody in ({result})")

    def bots(self) -> set[int]:
        """The processes of the bot, wherever below a fault has put them."""
        return {pid for group in self._of_the_bot() for pid in _members(group)} - {os.getpid()}

    def end_bots(self) -> None:
        """End all processes of the bot, and what they start meanwhile; the groups stay. Raises OSError."""

        def none_left() -> bool:
            for group in self._of_the_bot():
                if _members(group):
                    _kill(group)
            return not self.bots()

        if self.path and not _comes_true(none_left, self.path):
            raise OSError(f"{self.path}: processes of the bot are still there after SIGKILL")

    def refused(self) -> int:
        """How often the limit kept somebody from starting one more process."""
        groups = _groups(self.limiting) if self.limiting else []
        # Kernels differ in whether they count it where the limit is or where the process was.
        return max((_count(group / "pids.events") for group in groups), default=0)

    def _of_the_bot(self) -> Iterator[Path]:
        if self.path is None:
            return
        for group in _groups(self.path):
            if group.parent == self.path and group.name != BESIDE:
                inner = group / BOT
                # One that the arena itself has entered has a group of the bot's own below it (``packet_filter``).
                if inner.is_dir():
                    yield inner
                elif os.getpid() not in _members(group):
                    yield group


def end(path: Path) -> None:
    """End whoever is in a group of ours and below it, whatever they start meanwhile, and remove it; repeatable.

    Raises OSError when somebody is still there; ValueError if the group is not ours.
    """
    if not path.name.startswith(cgroups.PREFIX):
        raise ValueError(f"{path}: not a group of ours")

    def gone() -> bool:
        for group in _groups(path):
            if os.getpid() in cgroups.members(group):
                (path.parent / "cgroup.procs").write_text("0", encoding="ascii")
        if path.is_dir():
            _kill(path)
        for group in reversed(_groups(path)):
            with contextlib.suppress(OSError):  # somebody is still dying in it
                group.rmdir()
        return not path.is_dir()

    if not _comes_true(gone, path):
        left = ", ".join(map(str, sorted(_members(path))[:5])) or "nobody that can be seen"
        raise OSError(f"{path}: still there after SIGKILL to all in it; in it now: {left}")


def _comes_true(gone: Callable[[], bool], path: Path) -> bool:
    """Whether those of a group are gone in time; who hangs in a file system of their own is let go from there."""
    if wait_until(gone, _HANGS_AFTER, 0.01):
        return True
    system.abort_own_disks(_members(path))
    return wait_until(gone, _GONE_WITHIN, 0.01)


def _kill(path: Path) -> None:
    """SIGKILL to all in a group and below it. Nobody is started meanwhile, where the kernel can keep them from it."""
    if _write(path / "cgroup.kill", "1"):
        return
    room = _read(path / "pids.max").strip()
    if room:
        _write(path / "pids.max", "0")
    still = _hold(path)
    try:
        handles = [_handle(pid) for pid in _members(path)]
        members = _members(
            path
        )  # again: a number that was given to somebody else meanwhile is in no group of ours
        for handle in handles:
            if handle is not None and handle.pid in members:
                with contextlib.suppress(psutil.Error):
                    handle.kill()
    finally:
        if still:
            _write(path / still[0], still[1])
        if room:
            _write(path / "pids.max", room)


def _hold(path: Path) -> tuple[str, str] | None:
    """Keep all in a group from running; the file and the word that let them go again. None: the kernel cannot."""
    for name, held, free, told, word in (
        ("cgroup.freeze", "1", "0", "cgroup.events", "frozen 1"),
        ("freezer.state", "FROZEN", "THAWED", "freezer.state", "FROZEN"),
    ):
        if _write(path / name, held):
            # Who waits for a disk that does not answer cannot be held; and is killed as soon as it is back.
            wait_until(functools.partial(_tells, path / told, word), _STILL_WITHIN, 0.001)
            return name, free
    return None


def _enter(doors: list[Path]) -> None:
    for door in doors:
        door.write_text("0", encoding="ascii")


def _tells(path: Path, word: str) -> bool:
    return word in _read(path)


def _handle(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None


def _groups(path: Path) -> list[Path]:
    """A group and those below it, the lowest last."""
    return [Path(folder) for folder, _, _ in os.walk(path)]


def _members(path: Path) -> set[int]:
    return {pid for group in _groups(path) for pid in cgroups.members(group)}


def _count(path: Path) -> int:
    words = _read(path).split()
    return int(words[words.index("max") + 1]) if "max" in words else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def _write(path: Path, word: str) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY)  # never made: a group without such a file cannot do it
    except OSError:
        return False
    try:
        os.write(descriptor, word.encode())
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
