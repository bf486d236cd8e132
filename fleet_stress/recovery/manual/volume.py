"""A small volume held on a host's folder by hand: idempotent, and undone by ``recover`` as well.

Host-wide, unlike that of an arena: the undo record and the lease (``records.py``) are on disk before it is mounted.
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

#: Its source: with it we know it among what others have mounted.
SOURCE = f"{ram_volume.SOURCE}by_hand"


class Wanted(NamedTuple):
    """One volume: where, of how many bytes and inodes (None: as many as fit), whose."""

    folder: Path
    size: int
    inodes: int | None
    owner: tuple[int, int]


class Refused(Exception):
    """It cannot or must not be mounted there, and why."""


def standing(folder: Path) -> dict[str, int] | None:
    """Size and owner of ours that is mounted there, or None."""
    there = ram_volume.at(folder)
    if there is None or there.source != SOURCE:
        return None
    seen, status = os.statvfs(folder), folder.stat()
    return {
        "size_bytes": seen.f_blocks * seen.f_frsize,
        "inodes": seen.f_files,
        "uid": status.st_uid,
        "gid": status.st_gid,
    }


def described(wanted: Wanted) -> dict[str, int]:
    """The same of what is wanted; inodes only where they were asked for."""
    page = os.sysconf("SC_PAGE_SIZE")
    told = {"size_bytes": -(-wanted.size // page) * page, "uid": wanted.owner[0], "gid": wanted.owner[1]}
    return told if wanted.inodes is None else {**told, "inodes": wanted.inodes}


def stands(wanted: Wanted) -> bool:
    """Whether just that is mounted there."""
    seen: Mapping[str, Any] = standing(wanted.folder) or {}
    return all(seen.get(name) == value for name, value in described(wanted).items())


def check(wanted: Wanted) -> None:
    """Look before anything is done. Raises Refused."""
    folder = wanted.folder
    if not folder.is_dir() or os.path.realpath(folder) != str(folder):
        raise Refused(f"{folder} is no folder, or a link leads to it; name the folder itself")
    others = [one for one in system.mounts() if one.point == str(folder) and one.source != SOURCE]
    if others:
        raise Refused(
            f"{others[-1].source} is mounted at {folder} already, and it is not ours; choose another folder"
        )
    if not standing(folder) and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty: the volume would hide what is in it; choose an empty folder")
    too_large = ram_volume.room_for(wanted.size)
    if too_large:
        raise Refused(too_large)


def name_of(folder: Path) -> str:
    """By which it is held."""
    return f"ram_volume:{folder}"


def put(stress_dir: Path, wanted: Wanted, seconds: float, latest: float | None = None) -> None:
    """Mount it for so many seconds in the place of any that is ours. Raises Refused, OSError, NotUndone."""
    check(wanted)
    with Records(stress_dir, name_of(wanted.folder)) as records:
        _take(records, wanted.folder)
        records.grant(seconds, latest)
        watchdog.arm_for_held(stress_dir)
        records.record("unmount", target=str(wanted.folder), source=SOURCE)
        system.mount_ram_volume(
            SOURCE, wanted.folder, size=wanted.size, inodes=wanted.inodes, owner=wanted.owner
        )
    if not stands(wanted):
        raise OSError(f"{wanted.folder}: mounted, but not as asked: {standing(wanted.folder)}")


def take(stress_dir: Path, folder: Path) -> None:
    """Take it away with all that is on it, and look. Raises NotUndone, OSError."""
    with Records(stress_dir, name_of(folder)) as records:
        _take(records, folder)


def _take(records: Records, folder: Path) -> None:
    if standing(folder):  # also without a record: somebody has cleared our folder
        records.record("unmount", target=str(folder), source=SOURCE)
    failures = records.undo()
    if failures:
        raise NotUndone("; ".join(failures))
