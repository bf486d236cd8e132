"""The folder that is, or is to be, ours: whose it is, and what the bots' user may do there."""

from __future__ import annotations

import json
import os
import pwd
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible.module_utils.fleet_stress.store.bare_python.closed_path import open_folders
from ansible.module_utils.fleet_stress.store.bare_python.marks import MARKER


def is_ours(folder: Path) -> bool:
    """Whether a folder carries our marker: a regular file that says so, owned by root or by ourselves."""
    marker = folder / MARKER
    try:
        status = marker.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_uid not in (0, os.geteuid()):
            return False
        content = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("made_by") == "fleet-stress"


def folder_state(folder: Path) -> str:
    """``absent``, ``empty``, ``ours`` or ``foreign``."""
    if not os.path.lexists(folder):
        return "absent"
    if not is_folder(folder):
        return "foreign"
    if is_ours(folder):
        return "ours"
    try:
        return "foreign" if any(folder.iterdir()) else "empty"
    except OSError:  # what nobody lets us look into is somebody's
        return "foreign"


def is_folder(path: Path) -> bool:
    """Whether a folder is there; False also where we may not look (``Path.is_dir`` raises there)."""
    status = status_of(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def status_of(path: Path) -> os.stat_result | None:
    """What the file system says of a path; None if it is not there, or lies behind a closed folder."""
    try:
        return path.stat()
    except OSError:
        return None


def nearest_existing(path: Path) -> Path:
    """The path itself or the first of its parents that is there and can be seen."""
    return next((folder for folder in (path, *path.parents) if status_of(folder)), Path("/"))


def closed_to(folder: Path, uid: int, gids: Sequence[int]) -> Path | None:
    """The first existing folder on the way (and itself) that this user may not pass through, or None."""
    if uid == 0:
        return None
    for way in (*reversed(folder.parents), folder):
        status = status_of(way)
        if status is None:
            return None
        bit = 0o100 if status.st_uid == uid else 0o010 if status.st_gid in gids else 0o001
        if not status.st_mode & bit:
            return way
    return None


def link_target(path: str) -> str:
    """Where a link leads, as it is written in it; empty where there is none, or we may not look."""
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""


def placed(stress_dir: str, relative_to: str) -> Path | None:
    """The folder as an absolute path without links; None for a relative path that counts from nowhere."""
    path = Path(stress_dir).expanduser()
    if not path.is_absolute():
        if not relative_to:
            return None
        path = Path(relative_to) / path
    return Path(os.path.realpath(path))


def open_to_others(folder: Path) -> list[dict[str, str]]:
    """Folders on the way to what is run from there that others than root and the login may change; each with why."""
    found = dict((*open_folders(folder), *open_folders(folder / "engine/current")))
    return [{"path": path, "why": why} for path, why in found.items()]


def base_facts(folder: Path, uid: int, gids: Sequence[int]) -> dict[str, Any]:
    """What the stress folder would be made in, seen by the bots' user too."""
    base = nearest_existing(folder)
    flags = os.statvfs(base).f_flag
    words = (("read-only", os.ST_RDONLY), ("noexec", getattr(os, "ST_NOEXEC", 0)))
    homes = {entry.pw_dir for entry in pwd.getpwall() if entry.pw_dir not in ("", "/")}
    return {
        "path": str(base),
        "is_folder": base.is_dir(),
        "writable": os.access(base, os.W_OK | os.X_OK),
        "closed_at": str(closed_to(base, uid, gids) or ""),
        "open": open_to_others(folder),
        "mounted": [word for word, flag in words if flags & flag],
        "homes": sorted(home for home in homes if Path(home) == folder or folder in Path(home).parents),
    }
