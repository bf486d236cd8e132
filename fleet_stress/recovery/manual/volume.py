"""A held fault that mounts a small volume on a folder of the host: idempotent, and undone by ``recover`` as well.

It is host-wide, unlike that of an arena: undo record and lease (``records.py``) are on disk before it is mounted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress import system
from fleet_stress.recovery import watchdog
from fleet_stress.recovery.manual.records import Records
from fleet_stress.recovery.undo import NotUndone
from fleet_stress.system import ram_volume

#: Its source, which tells it from the mounts of others.
SOURCE = f"{ram_volume.SOURCE}by_hand"


class HeldVolume(NamedTuple):
    """A volume: its folder, bytes, inodes (None: as many as fit) and owner."""

    folder: Path
    size: int
    inodes: int | None
    owner: tuple[int, int]


class Refused(Exception):
    """It cannot or must not be mounted there; the text says why."""


def mounted_volume(folder: Path) -> dict[str, int] | None:
    """Size and owner of our volume that is mounted there; None: there is none."""
    mounted = ram_volume.at(folder)
    if mounted is None or mounted.source != SOURCE:
        return None
    seen, status = os.statvfs(folder), folder.stat()
    return {
        "size_bytes": seen.f_blocks * seen.f_frsize,
        "inodes": seen.f_files,
        "uid": status.st_uid,
        "gid": status.st_gid,
    }


def expected(wanted: HeldVolume) -> dict[str, int]:
    """The same of the wanted volume; inodes only if they are limited."""
    page = os.sysconf("SC_PAGE_SIZE")
    volume = {"size_bytes": -(-wanted.size // page) * page, "uid": wanted.owner[0], "gid": wanted.owner[1]}
    return volume if wanted.inodes is None else {**volume, "inodes": wanted.inodes}


def is_active(wanted: HeldVolume) -> bool:
    """Whether exactly this volume is mounted there."""
    seen: Mapping[str, Any] = mounted_volume(wanted.folder) or {}
    return all(seen.get(name) == value for name, value in expected(wanted).items())


def check(wanted: HeldVolume) -> None:
    """Check before anything is done. Raises Refused."""
    folder = wanted.folder
    if not folder.is_dir() or os.path.realpath(folder) != str(folder):
        raise Refused(f"{folder} is no folder, or a link leads to it; name the folder itself")
    others = [mount for mount in system.mounts() if mount.point == str(folder) and mount.source != SOURCE]
    if others:
        raise Refused(
            f"{others[-1].source} is mounted at {folder} already, and it is not ours; choose another folder"
        )
    if not mounted_volume(folder) and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty: the volume would hide what is in it; choose an empty folder")
    too_large = ram_volume.room_for(wanted.size)
    if too_large:
        raise Refused(too_large)


def name_of(folder: Path) -> str:
    """The name by which it is held."""
    return f"ram_volume:{folder}"


def hold(stress_dir: Path, wanted: HeldVolume, seconds: float, latest: float | None = None) -> None:
    """Mount it for so many seconds; it replaces one of ours. Raises Refused, OSError, NotUndone."""
    check(wanted)
    with Records(stress_dir, name_of(wanted.folder)) as records:
        _release(records, wanted.folder)
        records.grant(seconds, latest)
        watchdog.arm_for_held(stress_dir)
        records.record("unmount", target=str(wanted.folder), source=SOURCE)
        system.mount_ram_volume(
            SOURCE, wanted.folder, size=wanted.size, inodes=wanted.inodes, owner=wanted.owner
        )
    if not is_active(wanted):
        raise OSError(f"{wanted.folder}: mounted, but not as asked: {mounted_volume(wanted.folder)}")


def release(stress_dir: Path, folder: Path) -> None:
    """Remove it with all that is on it, and check. Raises NotUndone, OSError."""
    with Records(stress_dir, name_of(folder)) as records:
        _release(records, folder)


def _release(records: Records, folder: Path) -> None:
    if mounted_volume(folder):  # also without a record: somebody has cleared our folder
        records.record("unmount", target=str(folder), source=SOURCE)
    failures = records.undo()
    if failures:
        raise NotUndone("; ".join(failures))
