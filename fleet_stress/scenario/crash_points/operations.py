"""Reads what the faulty file system has logged: all operations in their order, over all folders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress.faulty_fs.shipped.record import LOG_LIMIT

#: These do not change a disk.
_CHANGE_NOTHING = ("fsync", "fdatasync", "read")


class Operation(NamedTuple):
    """One operation of the bot's user. ``at`` is on the clock of ``time.monotonic`` of its host."""

    at: float
    name: str
    #: ``state`` or ``log``: the folder that it was in.
    folder: str
    #: Its paths in that folder; a rename or link has two.
    paths: tuple[str, ...]
    pid: int
    changes: bool
    #: Bytes to write, where it writes.
    size: int = 0


class Cut(Exception):
    """The log is incomplete."""


def read(logs: Mapping[str, Path]) -> list[Operation]:
    """All operations, in their order. ``logs``: the log of each folder's file system.

    Raises OSError, and Cut when a log was full.
    """
    found = [operation for folder, path in logs.items() for operation in _lines(folder, path)]
    return sorted(found, key=lambda operation: operation.at)


def _lines(folder: str, path: Path) -> Iterable[Operation]:
    if path.stat().st_size > 2 * LOG_LIMIT:
        raise Cut(f"{path.name} is larger than a log of ours can be")
    began = 0.0
    for line in path.read_text(encoding="utf-8").splitlines():
        entry: dict[str, Any] = json.loads(line)
        if "more" in entry:
            raise Cut(f"{path.name}: {entry['more']}")
        if "began" in entry:
            began = float(entry["began"])
            continue
        if entry.get("other"):
            continue
        name, failed = entry["op"], "error" in entry
        still = name in _CHANGE_NOTHING or failed or (name == "open" and not entry.get("truncates"))
        paths = (entry["path"], *([entry["to"]] if "to" in entry else []))
        # An operation is placed where it ends: then it has happened to the disk.
        at = began + float(entry["at"]) + float(entry["took"])
        yield Operation(at, name, folder, paths, int(entry["pid"]), not still, int(entry.get("size", 0)))
