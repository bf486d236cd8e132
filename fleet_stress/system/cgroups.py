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

from fleet_stress import system

#: The prefix of our groups' names; nothing else is ever removed.
PREFIX = "fleet-stress-"
_PERIOD = 100_000
_GONE_WITHIN = 10.0


class Group(NamedTuple):
    """One group that may be made: for ``cpu``, ``io`` or ``memory``, in the hierarchy of version 1 or 2."""

    controller: str
    version: int
    path: Path


def plan(name: str, controllers: tuple[str, ...], mounts: Path = Path("/proc/self/mounts")) -> list[Group]:
    """Where groups for these controllers (``cpu``, ``io``, ``memory``) could be made; nothing is made yet."""
    words = (
        [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
        if system.HAS_CONTROL_GROUPS and mounts.exists()
        else []
    )
    folder = PREFIX + "".join(letter if letter.isalnum() else "-" for letter in name)
    found = []
    for controller in controllers:
        older = "blkio" if controller == "io" else controller
        for _, mounted, kind, options, *_ in words:
            root = Path(mounted)
            usable = (
                controller in _words(root / "cgroup.subtree_control")
                if kind == "cgroup2"
                else kind == "cgroup" and older in options.split(",")
            )
            if usable and os.access(root, os.W_OK):
                found.append(Group(controller, 2 if kind == "cgroup2" else 1, root / folder))
                break
    return found


def make(group: Group, *, cpu: float | None, io: int | None, disk: Path) -> str:
    """Make a group with its limit; returns the limit as the kernel now has it. Raises OSError.

    Args:
        group: One of ``plan``.
        cpu: The share of one processor, e.g. 0.1.
        io: Bytes a second, reading and writing each, of the disk under ``disk``.
        disk: A path on that disk.
    """
    group.path.mkdir(exist_ok=True)
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
    """Move the members of a group of ours to the caller's group, and remove it. Raises OSError, ValueError."""
    back = group._replace(path=home(group))
    for pid in members(group.path):
        with contextlib.suppress(ProcessLookupError):
            add(back, pid)
    remove(group.path)


def remove(path: Path) -> None:
    """Move the members of a group to its parent, and remove it; repeatable. Raises OSError; ValueError if not ours."""
    if not path.name.startswith(PREFIX):
        raise ValueError(f"{path}: not a group of ours")
    deadline = time.monotonic() + _GONE_WITHIN
    while path.is_dir():
        for pid in members(path):
            with contextlib.suppress(ProcessLookupError):
                (path.parent / "cgroup.procs").write_text(str(pid), encoding="ascii")
        try:
            path.rmdir()
        except FileNotFoundError:
            return
        except OSError:  # a member has just forked, or is still dying
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


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
