"""Control groups of our own: limits on what an arena's bot gets. Linux's alone, and only where they can be written.

A group's folder is named first (``plan``), so that how to remove it is on disk before it is made. Nothing of
the host's own groups is changed: where version 2 does not hand a controller to the groups below its root, that
limit is not to be had. See cgroups(7) and, in the kernel's documentation, cgroup-v2 and cgroup-v1.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fleet_stress import system

#: Names of our groups begin so; nothing else is ever removed.
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
    folder = PREFIX + "".join(one if one.isalnum() else "-" for one in name)
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
    """Make a group with its limit; returns the limit as the kernel now tells it. Raises OSError.

    Args:
        group: One of ``plan``.
        cpu: Processors' worth of time, e.g. 0.1.
        io: Bytes a second, reading and writing each, of the disk under ``disk``.
        disk: A path on the disk that is meant.
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
    """Move a process into a group; children that it has from now on follow. Raises OSError."""
    (group.path / "cgroup.procs").write_text(str(pid), encoding="ascii")


@contextlib.contextmanager
def doors(groups: Sequence[Group]) -> Iterator[list[int]]:
    """A descriptor for each group: whoever writes ``0`` to it is in that group from then on. Raises OSError.

    For a process that has just been forked: memory that a process has used stays with the group that it was in then
    (cgroups(7)), so a bot that is moved later on would hardly be limited; and whoever went in for it, to fork it there,
    would be limited as well, and might be the one that the kernel kills.
    """
    with contextlib.ExitStack() as opened:
        yield [
            opened.enter_context((one.path / "cgroup.procs").open("wb", buffering=0)).fileno()
            for one in groups
        ]


def home(group: Group, own: Path = Path("/proc/self/cgroup")) -> Path:
    """Where the caller is in the hierarchy of a group; its top where that cannot be seen from here (a container)."""
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
    """How often the processor limit held somebody back; None where nobody counts it."""
    words = _words(group.path / "cpu.stat")
    return int(words[words.index("nr_throttled") + 1]) if "nr_throttled" in words else None


def leave(group: Group) -> None:
    """Move whoever is in a group of ours to where the caller is, and remove it. Raises OSError, ValueError."""
    back = group._replace(path=home(group))
    for pid in members(group.path):
        with contextlib.suppress(ProcessLookupError):
            add(back, pid)
    remove(group.path)


def remove(path: Path) -> None:
    """Move who is in a group one up, and remove it; repeatable. Raises OSError, ValueError for one not ours."""
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
        except OSError:  # somebody has just forked in it, or is still dying
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
    """``MAJOR:MINOR`` of the disk under a path: limits are taken for whole disks only. Raises OSError."""
    number = path.stat().st_dev
    device = f"{os.major(number)}:{os.minor(number)}"
    block = Path("/sys/dev/block", device)
    if not block.exists():
        raise OSError(f"{path} lies on {device}, which is no disk")
    if (block / "partition").exists():
        return (block.resolve().parent / "dev").read_text(encoding="ascii").strip()
    return device
