"""Snapshots of the bot's state and log folders: what was there, with copies of what checks will read."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Any

from fleet_stress import files
from fleet_stress.evidence import Evidence

#: Files up to this size are copied into the evidence.
KEEP_LIMIT = 1_000_000


class Snapshots:
    """Takes the snapshots of one arena. Equal contents are kept once and linked."""

    def __init__(self, evidence: Evidence, folders: dict[str, Path], extra: dict[str, Path]) -> None:
        """``folders`` are walked (``state``, ``log``); ``extra`` are single files elsewhere, by key."""
        self._evidence = evidence
        self._folders = folders
        self._extra = extra
        self._kept: dict[str, Path] = {}

    def take(self, name: str) -> str:
        """Look at all files now, under ``name``; returns the key in ``evidence.snapshots``."""
        seen: dict[str, Any] = {}
        for prefix, folder in self._folders.items():
            for path, status in files.regular_files(folder):
                seen[f"{prefix}/{path.relative_to(folder)}"] = self._look(
                    name, f"{prefix}/{path.relative_to(folder)}", path, status
                )
        for key, path in self._extra.items():
            if os.path.lexists(path) and key not in seen:
                seen[key] = self._look(name, key, path, path.lstat())
        self._evidence.document["snapshots"][name] = {
            "at": self._evidence.now(),
            "wall": time.time(),
            "files": seen,
        }
        return name

    def _look(self, name: str, key: str, path: Path, status: os.stat_result) -> dict[str, Any]:
        data = files.read_regular(path) if stat.S_ISREG(status.st_mode) else None
        sha256 = None if data is None else files.digest(data)
        return {
            "size": status.st_size,
            "mtime": status.st_mtime_ns / 1e9,
            "inode": status.st_ino,
            "uid": status.st_uid,
            "mode": stat.filemode(status.st_mode),
            "sha256": sha256,
            "kept": data is not None and sha256 is not None and self._keep(name, key, data, sha256),
        }

    def _keep(self, name: str, key: str, data: bytes, sha256: str) -> bool:
        if len(data) > KEEP_LIMIT:
            return False
        copy = self._evidence.folder / name / key
        copy.parent.mkdir(parents=True, exist_ok=True)
        if sha256 in self._kept:
            os.link(self._kept[sha256], copy)
        else:
            copy.write_bytes(data)
            self._kept[sha256] = copy
        return True
