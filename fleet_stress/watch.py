"""Watching a bot from outside, by polling: which files it rewrites, which cycles it finishes.

A poll is a few ``stat`` calls. What changed is read at once and remembered as an observation, so that a
check can see what stood in a file only for a moment (a corruption that passed through the backup).
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import files, process
from fleet_stress.evidence import Evidence

#: Seconds between two polls.
INTERVAL = 0.02

_Identity = tuple[int, int, int]


class Watch:
    """Watches the tracked files of one arena over all its starts."""

    def __init__(
        self,
        evidence: Evidence,
        tracked: list[files.Tracked],
        cycle: Mapping[str, str],
        data_source: Mapping[str, str] | None = None,
    ) -> None:
        """``cycle`` and ``data_source`` are those of the bot profile."""
        self._evidence = evidence
        self._source = data_source or {"file": "", "field": ""}
        self._cycle_field = cycle["field"]
        self._watched: dict[str, tuple[Path, files.Tracked]] = {}
        for one in tracked:
            if one.format == "json":
                self._watched[one.key] = (one.path, one)
                if one.backup and one.backup_key:
                    self._watched[one.backup_key] = (one.backup, one)
        self._cycle_keys = {one.key for one in tracked if one.role == cycle["file"]}
        self._known: dict[str, _Identity | None] = {}
        self.cycles = 0

    def begin_start(self) -> None:
        """From now on a cycle counts only in a file rewritten since this moment."""
        self.cycles = 0
        self._known = {key: _identity(path) for key, (path, _) in self._watched.items()}

    def poll(self, start: dict[str, Any] | None) -> None:
        """Look once. ``start`` is the running start's entry in the evidence, if one runs."""
        for key, (path, tracked) in self._watched.items():
            identity = _identity(path)
            if identity == self._known.get(key):
                continue
            self._known[key] = identity
            if identity is not None:
                self._changed(key, path, tracked, identity, start)

    def _changed(
        self,
        key: str,
        path: Path,
        tracked: files.Tracked,
        identity: _Identity,
        start: dict[str, Any] | None,
    ) -> None:
        data = files.read_regular(path)
        is_main = key == tracked.key
        self._evidence.observe(
            {
                "at": self._evidence.now(),
                "wall": time.time(),
                "start": start["n"] if start else None,
                "file": key,
                "sha256": None if data is None else files.digest(data),
                "size": identity[2],
                "inode": identity[0],
                "mtime": identity[1] / 1e9,
                "json": files.json_verdict(data),
                "fields": files.fields(data, tracked.never_back),
                "source": files.word(data, self._source["field"])
                if is_main and tracked.role == self._source["file"]
                else None,
            }
        )
        if is_main and key in self._cycle_keys and start is not None:
            self._count_cycle(data, identity, start)

    def _count_cycle(self, data: bytes | None, identity: _Identity, start: dict[str, Any]) -> None:
        try:
            value = files.field(json.loads(data or b""), self._cycle_field)
        except ValueError:
            return
        if value is None or int(value) <= self.cycles:
            return
        self.cycles = int(value)
        start["cycles"].append(
            {
                "n": self.cycles,
                "at": self._evidence.now(),
                "wall": identity[1] / 1e9,
                "handles": process.handles(start["pid"]),
            }
        )


def _identity(path: Path) -> _Identity | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size)
