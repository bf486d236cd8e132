"""Reads a file of the bot in its format; watching, snapshots and faults all read this way.

``json`` and ``text`` are read as they are. A database (``sqlite``) is read as a JSON object of the numbers that the
profile queries, records (``jsonl``, ``csv``) as a JSON array, so that checks need to know no format. ``bytes`` are read
as the numbers that a command of the profile finds in them, where it names one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from fleet_stress.observe import bot_files, records, sqlite
from fleet_stress.observe.bot_files import Tracked

#: The name of a format in a finding.
KINDS = {
    "json": "JSON",
    "jsonl": "JSON Lines",
    "csv": "CSV",
    "sqlite": "database",
    "bytes": "state",
    "text": "text",
}
#: Formats whose content is not read as it is.
INTERPRETED = ("sqlite", "bytes", *records.READERS)


def read(tracked: Tracked, path: Path | None = None, *, at_rest: bool = False) -> bytes | None:
    """Its content, or that of its backup at ``path``; None: unreadable or missing.

    ``at_rest``: the bot does not run, so nobody is just writing a last line.
    """
    path = path or tracked.path
    if tracked.format == "sqlite":
        return sqlite.read(path, tracked.numbers, tracked.scratch)
    data = bot_files.read_regular(path)
    if data is not None and tracked.format in records.READERS:
        return records.as_json(tracked.format, data, at_rest=at_rest)
    if data is not None and tracked.format == "bytes" and not tracked.opaque and tracked.ask:
        return tracked.ask(tracked, data).answer()
    return data


def stamp(tracked: Tracked, path: Path | None = None) -> sqlite.Stamp | None:
    """Inode, modification time (ns) and size, which show a change; None: not a regular file."""
    path = path or tracked.path
    if tracked.format == "sqlite":
        return sqlite.stamp(path)
    try:
        status = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def being_written(
    names: Sequence[str], folder: Path, pids: Collection[int], tracked: Iterable[Tracked]
) -> list[str]:
    """Which of the files that these processes have open for writing are being written.

    ``names`` are relative to ``folder``. A database is always open, so only a transaction counts.
    """
    resting = {
        str(path)
        for file in tracked
        if file.format == "sqlite" and not sqlite.being_written(pids, file.path)
        for path in sqlite.family(file.path)
    }
    return [name for name in names if str(folder / name) not in resting]
