"""Snapshots of the bot's state and log folders, with copies of what checks will read."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from fleet_stress.observe import bot_files, file_content
from fleet_stress.observe.evidence import Evidence
from fleet_stress.store.layout import FILE_PREFIX

#: Files up to this size are copied into the evidence.
KEEP_LIMIT = 1_000_000
#: Of a larger text log, so many bytes at its end are copied: checks search the newest lines.
TAIL_BYTES = 256_000
TAIL_SUFFIX = ".tail"
#: The suffix of a database's numbers, beside its copy.
READ_SUFFIX = ".read"
#: A rotated log: ``errors.log.1``.
ROTATED = re.compile(r"\.\d+$")


class Snapshots:
    """Takes the snapshots of one arena. Equal contents are kept once and linked."""

    def __init__(
        self,
        evidence: Evidence,
        folders: dict[str, Path],
        extra: dict[str, Path],
        texts: Collection[str] = (),
        databases: Sequence[bot_files.Tracked] = (),
    ) -> None:
        """``folders`` are walked (``state``, ``log``); ``extra`` are single files elsewhere, by key.

        ``texts`` are the keys of text logs, whose rotated files are included. ``databases`` are read.
        """
        self._evidence = evidence
        self._texts = frozenset(texts)
        self._kept: dict[str, Path] = {}
        self.look_at(folders, extra, databases)

    def look_at(
        self, folders: dict[str, Path], extra: dict[str, Path], databases: Sequence[bot_files.Tracked]
    ) -> None:
        """From now on, look for the same files there."""
        self._folders, self._extra = folders, extra
        self._databases: dict[str, tuple[bot_files.Tracked, Path]] = {}
        for tracked in databases:
            self._databases[tracked.key] = tracked, tracked.path
            if tracked.backup_key and tracked.backup:
                self._databases[tracked.backup_key] = tracked, tracked.backup

    def take(self, name: str) -> str:
        """Take a snapshot ``name`` of all files; returns its key in ``evidence.snapshots``."""
        seen: dict[str, Any] = {}
        for prefix, folder in self._folders.items():
            for path, status in bot_files.regular_files(folder):
                seen[f"{prefix}/{path.relative_to(folder)}"] = self._look(
                    name, f"{prefix}/{path.relative_to(folder)}", path, status
                )
        for key, path in self._single_files():
            if os.path.lexists(path) and key not in seen:
                seen[key] = self._look(name, key, path, path.lstat())
        self._evidence.document["snapshots"][name] = {
            "at": self._evidence.now(),
            "wall": time.time(),
            "files": seen,
        }
        return name

    def _single_files(self) -> Iterator[tuple[str, Path]]:
        for key, path in self._extra.items():
            yield key, path
            if key in self._texts and path.parent.is_dir():
                for other in sorted(path.parent.iterdir()):
                    if ROTATED.sub("", other.name) == path.name != other.name:
                        yield f"{key}{other.name[len(path.name) :]}", other

    def _look(self, name: str, key: str, path: Path, status: os.stat_result) -> dict[str, Any]:
        """Our own files are listed but not read: they are many and large."""
        regular = stat.S_ISREG(status.st_mode) and not path.name.startswith(FILE_PREFIX)
        if regular and key in self._databases:
            return self._look_into(name, key, status)
        data = bot_files.read_regular(path) if regular else None
        sha256 = None if data is None else bot_files.digest(data)
        kept = data is not None and sha256 is not None and self._keep(name, key, data, sha256)
        is_text = ROTATED.sub("", key) in self._texts
        return {
            "size": status.st_size,
            "mtime": status.st_mtime_ns / 1e9,
            "inode": status.st_ino,
            "uid": status.st_uid,
            "mode": stat.filemode(status.st_mode),
            "sha256": sha256,
            "kept": kept,
            "tail": self._keep_tail(name, key, path) if regular and is_text and not kept else 0,
        }

    def _look_into(self, name: str, key: str, status: os.stat_result) -> dict[str, Any]:
        """For a database: what can be read from it, including its companion files."""
        tracked, path = self._databases[key]
        data = file_content.read(tracked, path)
        sha256 = None if data is None else bot_files.digest(data)
        kept = data is not None and self._keep(name, f"{key}{READ_SUFFIX}", data, bot_files.digest(data))
        raw = bot_files.read_regular(path)
        if raw is not None:
            self._keep(name, key, raw, bot_files.digest(raw))
        stamp = file_content.stamp(tracked, path)
        return {
            "size": stamp[2] if stamp else status.st_size,
            "mtime": (stamp[1] if stamp else status.st_mtime_ns) / 1e9,
            "inode": status.st_ino,
            "uid": status.st_uid,
            "mode": stat.filemode(status.st_mode),
            "sha256": sha256,
            "kept": kept,
            "tail": 0,
            "read": True,
        }

    def _keep_tail(self, name: str, key: str, path: Path) -> int:
        """Copy the end of a text log; returns how many bytes."""
        data = bot_files.read_tail(path, TAIL_BYTES)
        if data is None:
            return 0
        copy = self._evidence.folder / name / f"{key}{TAIL_SUFFIX}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)
        return len(data)

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
