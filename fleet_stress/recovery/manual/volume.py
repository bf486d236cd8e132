"""A held fault that mounts a small volume on a folder of the host: idempotent, and undone by ``recover`` as well.

It is host-wide, unlike that of an arena: undo record and lease (``records.py``) are on disk before it is mounted.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress import system
from fleet_stress.recovery import watchdog
from fleet_stress.recovery.manual.records import Records, records_of
from fleet_stress.recovery.undo import NotUndone
from fleet_stress.store.layout import mark_of
from fleet_stress.system import ram_volume

#: The source of all that earlier versions mounted.
EARLIER = f"{ram_volume.SOURCE}by_hand"


class HeldVolume(NamedTuple):
    """A volume: our folder on the host, its folder, bytes, inodes (None: as many as fit) and owner."""

    stress_dir: Path
    folder: Path
    size: int
    inodes: int | None
    owner: tuple[int, int]


class Refused(Exception):
    """It cannot or must not be mounted there; the text says why."""


def new_source(stress_dir: Path) -> str:
    """A source of which there is only one: by it a volume is found wherever it is, and told from those of others."""
    return f"{_prefix(stress_dir)}{secrets.token_hex(8)}"


def _prefix(stress_dir: Path) -> str:
    """Two of our folders on one host may hold volumes."""
    return f"{ram_volume.SOURCE}{mark_of('by_hand', stress_dir)}:"


def _is_ours(mount: system.Mounted, stress_dir: Path) -> bool:
    return mount.source == EARLIER or mount.source.startswith(_prefix(stress_dir))


def mounted_volume(stress_dir: Path, folder: Path) -> dict[str, int] | None:
    """Size and owner of our volume that is mounted there and visible; None: there is none."""
    mounted = ram_volume.at(folder)
    if mounted is None or not _is_ours(mounted, stress_dir):
        return None
    seen, status = os.statvfs(folder), folder.stat()
    return {
        "size_bytes": seen.f_blocks * seen.f_frsize,
        "inodes": seen.f_files,
        "uid": status.st_uid,
        "gid": status.st_gid,
    }


def anything_left(stress_dir: Path, folder: Path) -> bool:
    """Whether it has open records, wherever it is by now, or ours is mounted there, visible or not."""
    return bool(records_of(stress_dir, name_of(folder)) or _ours_at(stress_dir, folder))


def _ours_at(stress_dir: Path, folder: Path) -> list[str]:
    """Sources of ours that are mounted there."""
    return [
        mount.source
        for mount in system.mounts()
        if mount.point == str(folder) and _is_ours(mount, stress_dir)
    ]


def expected(wanted: HeldVolume) -> dict[str, int]:
    """The same of the wanted volume; inodes only if they are limited."""
    page = os.sysconf("SC_PAGE_SIZE")
    volume = {"size_bytes": -(-wanted.size // page) * page, "uid": wanted.owner[0], "gid": wanted.owner[1]}
    return volume if wanted.inodes is None else {**volume, "inodes": wanted.inodes}


def is_active(wanted: HeldVolume) -> bool:
    """Whether exactly this volume is mounted there."""
    seen: Mapping[str, Any] = mounted_volume(wanted.stress_dir, wanted.folder) or {}
    return all(seen.get(name) == value for name, value in expected(wanted).items())


def check(wanted: HeldVolume) -> None:
    """Check before anything is done. Raises Refused."""
    folder = wanted.folder
    if not folder.is_dir() or os.path.realpath(folder) != str(folder):
        raise Refused(f"{folder} is no folder, or a link leads to it; name the folder itself")
    others = [
        mount
        for mount in system.mounts()
        if mount.point == str(folder) and not _is_ours(mount, wanted.stress_dir)
    ]
    if others:
        raise Refused(
            f"{others[-1].source} is mounted at {folder} already, and it is not ours; choose another folder"
        )
    if not mounted_volume(wanted.stress_dir, folder) and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty: the volume would hide what is in it; choose an empty folder")
    too_large = ram_volume.room_for(wanted.size)
    if too_large:
        raise Refused(too_large)


def name_of(folder: Path) -> str:
    """The name by which it is held."""
    return f"ram_volume:{folder}"


def hold(wanted: HeldVolume, seconds: float, latest: float | None = None, holder: str | None = None) -> None:
    """Mount it for so many seconds; it replaces one of ours. ``holder``: nobody else may end or renew it.

    Raises ForAnother, Refused, OSError, NotUndone.
    """
    check(wanted)
    with Records(wanted.stress_dir, name_of(wanted.folder)) as records:
        records.check_holder(holder)
        _release(records, wanted.stress_dir, wanted.folder)
        records.grant(seconds, latest, holder)
        watchdog.arm_for_held(wanted.stress_dir)
        source = new_source(wanted.stress_dir)
        records.record("unmount", target=str(wanted.folder), source=source)
        system.mount_ram_volume(
            source, wanted.folder, size=wanted.size, inodes=wanted.inodes, owner=wanted.owner
        )
    if not is_active(wanted):
        seen = mounted_volume(wanted.stress_dir, wanted.folder)
        raise OSError(f"{wanted.folder}: mounted, but not as asked: {seen}")


def release(stress_dir: Path, folder: Path, holder: str | None = None) -> None:
    """Remove it with all that is on it, and check. Raises ForAnother, NotUndone, OSError."""
    with Records(stress_dir, name_of(folder)) as records:
        records.check_holder(holder)
        _release(records, stress_dir, folder)


def _release(records: Records, stress_dir: Path, folder: Path) -> None:
    known = {record["arguments"].get("source") for record in records_of(stress_dir, name_of(folder))}
    for source in set(_ours_at(stress_dir, folder)) - known:  # somebody has cleared our folder
        records.record("unmount", target=str(folder), source=source)
    failures = records.undo()
    if failures:
        raise NotUndone("; ".join(failures))
