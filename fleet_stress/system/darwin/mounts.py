"""macOS: volumes in memory (``ram_disk.py``), and what is mounted. There are no mount namespaces: all see all of it.

So an arena's volume is mounted in a folder of the arena's own, and where the bot looks for its folder it finds a link
to a folder on the volume: whatever the system itself keeps in a volume's root stays out of the bot's sight, and two of
its folders can lie on one volume, which needs bind mounts elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from fleet_stress.store.bare_python.mount_table import Mounted
from fleet_stress.system.darwin import ram_disk
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

#: What is mounted, all see, and it does not go with its processes.
HAS_PRIVATE_MOUNTS = False
#: The faulty file system holds files by O_PATH descriptors, which macOS has not, whatever FUSE is installed there.
HAS_FUSE = False
#: The folder that a link of ours stands for is kept under this name beside it.
_ASIDE = ".fleet-stress-below"
_TOOLS = ("hdiutil", "diskutil", "newfs_hfs", "mount", "umount")

_NONE = "macOS has no mount namespaces"


def mounts() -> list[Mounted]:
    """All that is mounted, the newest last; a volume of ours has its name as the source. Raises OSError."""
    disks = {item.device for item in ram_disk.attached()}
    return [
        mount._replace(source=_called(mount.device)) if mount.device in disks else mount
        for mount in ram_disk.mounted()
    ]


def _called(device: str) -> str:
    return unquote(ram_disk.name_of(device)) or device


def ram_device_record(source: str, ticket: Path) -> Mapping[str, Any] | None:
    """What to record before a volume is made: the arguments of ``remove_ram_device``."""
    return {"source": source, "ticket": str(ticket)}


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
    """Mount a volume of ``size`` bytes, in whole blocks, that belongs to ``owner``. Raises OSError.

    Its ``ram_device_record`` must be on disk. ``ticket`` is a file of ours, in a folder that only we write to.
    """
    if inodes:
        raise OSError("HFS+ has no limit of files that could be set")
    if ticket is None:
        raise OSError("a volume that all see needs a file to tell it by")
    device = ram_disk.make(_named(source), size, ticket)
    ram_disk.mount(device, target)
    os.chown(target, *owner)
    target.chmod(mode)


def remove_ram_device(source: str, ticket: str) -> None:
    """Unmount and detach what was made with that record, from whatever half-way state. Raises OSError."""
    for disk in _of(source, ticket):
        ram_disk.remove(disk)
    Path(ticket).unlink(missing_ok=True)


def ram_device_gone(source: str, ticket: str) -> bool:
    """Whether nothing of it is attached. Raises OSError."""
    return not _of(source, ticket)


def _of(source: str, ticket: str) -> list[ram_disk.Disk]:
    return ram_disk.ours(_named(source), Path(ticket))


def _named(source: str) -> str:
    """As the name of a volume, in which macOS swaps slashes and colons."""
    return quote(source, safe="")


def bind_mount(source: Path, target: Path) -> None:
    """Let ``target`` show what is in the folder ``source``: a link, and the folder itself aside. Raises OSError."""
    target.rename(_aside(target))
    target.symlink_to(source)


def unmount_bind(target: Path) -> None:
    """Put the folder back that ``bind_mount`` has put aside; repeatable. Raises OSError."""
    if _aside(target).is_dir():
        target.unlink(missing_ok=True)
        _aside(target).rename(target)


def bind_mount_gone(target: Path) -> bool:
    """Whether there is nothing to put back."""
    return not os.path.lexists(_aside(target))


def _aside(target: Path) -> Path:
    return target.with_name(target.name + _ASIDE)


def mount_read_only(folder: Path) -> None:
    """Unavailable on macOS. Raises OSError."""
    del folder
    raise OSError(_NONE)


def unmount(target: Path) -> None:
    """Take away what is mounted at ``target``, and its disk where that is in memory. Raises OSError."""
    point = os.path.realpath(target)
    devices = [item.device for item in ram_disk.mounted() if item.point == point]
    if not devices:
        raise OSError(f"nothing is mounted at {target}")
    for disk in ram_disk.attached():
        if disk.device == devices[-1]:
            ram_disk.remove(disk)
            return
    ram_disk.unmount(Path(point))


def why_no_ram_volume() -> str | None:
    """Why no volume in memory can be made here; None: it can, as far as looking tells.

    Not tried: a disk is seen by all, and would stay if we died meanwhile, with no arena to undo it.
    """
    if os.geteuid() != 0:
        return "only root may mount a volume on any folder, and let another user own it"
    missing = [tool for tool in _TOOLS if run(["/usr/bin/which", tool]).code != 0]
    if missing:
        return f"{', '.join(missing)} cannot be found"
    try:
        ram_disk.attached()
        ram_disk.mounted()
    except OSError as problem:
        return str(problem)
    return None


def why_no_such_ram_volume(size: int, inodes: int | None) -> str | None:
    """Why there can be no volume of that size with so many files; None: there can."""
    if inodes:
        return "HFS+ has no limit of files that could be set"
    if size < ram_disk.LEAST:
        return f"HFS+ needs {ram_disk.LEAST // 1024} KB"
    return None


def why_no_private_read_only() -> str | None:
    """Unavailable on macOS: says why."""
    return _NONE
