"""Control groups of our own, which limit an arena's bot. Linux only, and only where they are writable.

A group's folder is named first (``plan``), so that its undo is on disk before it is made. The host's own groups do not
change: where version 2 does not delegate a controller below its root, that limit is unavailable.
See cgroups(7) and, in the kernel's documentation, cgroup-v2 and cgroup-v1.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from fleet_stress import system

#: The prefix of our groups' names; nothing else is ever removed.
PREFIX = "fleet-stress-"
#: Below the group of an arena: that of its bot, and of what runs beside it (``cage``).
BOT, BESIDE = "bot", "beside"
_PERIOD = 100_000
_GONE_WITHIN = 10.0


class Group(NamedTuple):
    """One group that may be made: for ``cpu``, ``io`` or ``memory``, in the hierarchy of version 1 or 2."""

    controller: str
    version: int
    path: Path


def plan(
    name: str, controllers: tuple[str, ...], mounts: Path = Path("/proc/self/mounts"), arena: str = ""
) -> list[Group]:
    """Where groups for these controllers (``cpu``, ``io``, ``memory``) could be made; nothing is made yet.

    In version 2 a process is in one group only: a bot's is made below its ``arena``'s (``cage``), where there is one.
    """
    known, found = roots(mounts), []
    for controller in controllers:
        older = "blkio" if controller == "io" else controller
        unified = known.get("cgroup2")
        if unified and controller in controllers_below(unified):
            above = unified / folder_name(arena)
            found.append(
                Group(controller, 2, (above if arena and above.is_dir() else unified) / folder_name(name))
            )
        elif older in known:
            found.append(Group(controller, 1, known[older] / folder_name(name)))
    return found


def roots(mounts: Path = Path("/proc/self/mounts")) -> dict[str, Path]:
    """The hierarchies in which groups can be made: ``cgroup2``, and those of version 1 by their controllers."""
    found: dict[str, Path] = {}
    if not system.HAS_CONTROL_GROUPS or not mounts.exists():
        return found
    for line in mounts.read_text(encoding="utf-8").splitlines():
        _, mounted, kind, options, *_ = line.split()
        names = ("cgroup2",) if kind == "cgroup2" else options.split(",") if kind == "cgroup" else ()
        if names and os.access(mounted, os.W_OK):
            for each in names:
                found.setdefault(each, Path(mounted))
    return found


def folder_name(name: str) -> str:
    """What a group of ours is called."""
    return PREFIX + "".join(letter if letter.isalnum() else "-" for letter in name)


def controllers_below(group: Path) -> list[str]:
    """The controllers that a group of version 2 passes on."""
    return _words(group / "cgroup.subtree_control")


def make(group: Group, *, cpu: float | None, io: int | None, disk: Path) -> str:
    """Make a group with its limit; returns the limit as the kernel now has it. Raises OSError.

    Args:
        group: One of ``plan``.
        cpu: The share of one processor, e.g. 0.1.
        io: Bytes a second, reading and writing each, of the disk under ``disk``.
        disk: A path on that disk.
    """
    make_empty(group)
    if group.controller == "cpu":
        quota = max(1000, int((cpu or 1.0) * _PERIOD))
        if group.version == 2:
            return _set(group.path / "cpu.max", f"{quota} {_PERIOD}")
        _set(group.path / "cpu.cfs_period_us", str(_PERIOD))
        return _set(group.path / "cpu.cfs_quota_us", str(quota))
    device = _whole_disk(disk)
    if group.version == 2:
        return _set(group.path / "io.max", f"{device} rbps={io} wbps={io}")
    _set(group.path / "blkio.throttle.read_bps_device", f"{device} {io}")
    return _set(group.path / "blkio.throttle.write_bps_device", f"{device} {io}")


def make_empty(group: Group) -> None:
    """Make a group without a limit. Raises OSError."""
    above = group.path.parent
    if (
        group.version == 2
        and above.name.startswith(PREFIX)
        and group.controller not in controllers_below(above)
    ):
        (above / "cgroup.subtree_control").write_text(f"+{group.controller}", encoding="ascii")
    group.path.mkdir(exist_ok=True)


def add(group: Group, pid: int) -> None:
    """Move a process into a group; its later children follow. Raises OSError."""
    (group.path / "cgroup.procs").write_text(str(pid), encoding="ascii")


@contextlib.contextmanager
def doors(groups: Sequence[Group]) -> Iterator[list[int]]:
    """A descriptor for each group: a process that writes ``0`` to it enters that group. Raises OSError.

    For a process that has just been forked: used memory stays charged to the group of that time (cgroups(7)), so a
    bot that is moved later would hardly be limited. A parent that entered the group to fork it there would be limited
    as well, and the kernel might kill that one.
    """
    with contextlib.ExitStack() as opened:
        yield [
            opened.enter_context((group.path / "cgroup.procs").open("wb", buffering=0)).fileno()
            for group in groups
        ]


def home(group: Group, own: Path = Path("/proc/self/cgroup")) -> Path:
    """The caller's group in the hierarchy of ``group``; the top if it is invisible from here (a container)."""
    older = "blkio" if group.controller == "io" else group.controller
    for line in own.read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        if older in controllers.split(",") if group.version == 1 else not controllers:
            here = group.path.parent / path.lstrip("/")
            return here if here.is_dir() else group.path.parent
    return group.path.parent


def members(path: Path) -> list[int]:
    """The processes of a group; empty when it is gone."""
    return [int(word) for word in _words(path / "cgroup.procs")]


def throttled(group: Group) -> int | None:
    """How often the processor limit took effect; None: the kernel does not count it."""
    words = _words(group.path / "cpu.stat")
    return int(words[words.index("nr_throttled") + 1]) if "nr_throttled" in words else None


def leave(group: Group) -> None:
    """Move the members of a group of ours to where they would be without it, and remove it. Raises OSError, ValueError.

    That is the group of the arena's bot, or else the caller's.
    """
    back = group._replace(path=_of_the_arenas_bot(group.path) or home(group))
    for pid in members(group.path):
        with contextlib.suppress(ProcessLookupError):
            add(back, pid)
    remove(group.path)


def remove(path: Path) -> None:
    """Move the members of a group away, and remove it; repeatable. Raises OSError; ValueError if not ours.

    They get into the group of the arena's bot if it lies beside, else to the parent. Those of our own user never get
    into an arena's: it is ended as a whole.
    """
    if not path.name.startswith(PREFIX):
        raise ValueError(f"{path}: not a group of ours")
    bots = _of_the_arenas_bot(path)
    deadline = time.monotonic() + _GONE_WITHIN
    while path.is_dir():
        inner = [path / BOT, path / BESIDE]
        for group in (*inner, path):
            for pid in members(group):
                to = (
                    path.parent
                    if bots is None
                    else path.parent.parent
                    if _ours(pid)
                    else bots.parent / group.name
                )
                if bots is not None and group == path and not _ours(pid):
                    to = bots
                with contextlib.suppress(ProcessLookupError):
                    (to / "cgroup.procs").write_text(str(pid), encoding="ascii")
        try:
            for group in inner:
                if group.is_dir():
                    group.rmdir()
            path.rmdir()
        except FileNotFoundError:
            return
        except OSError:  # a member has just forked, or is still dying
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _of_the_arenas_bot(path: Path) -> Path | None:
    """The group of the arena's bot that lies beside a group; None: it lies in no arena's."""
    beside = path.parent / BOT
    return beside if path.parent.name.startswith(PREFIX) and beside.is_dir() else None


def _ours(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).uids().real == os.geteuid())
    except psutil.Error:
        return False


def _set(path: Path, value: str) -> str:
    path.write_text(value, encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except OSError:
        return []


def _whole_disk(path: Path) -> str:
    """``MAJOR:MINOR`` of the disk under a path: only whole disks can be limited. Raises OSError."""
    number = path.stat().st_dev
    device = f"{os.major(number)}:{os.minor(number)}"
    block = Path("/sys/dev/block", device)
    if not block.exists():
        raise OSError(f"{path} lies on {device}, which is no disk")
    if (block / "partition").exists():
        return (block.resolve().parent / "dev").read_text(encoding="ascii").strip()
    return device
