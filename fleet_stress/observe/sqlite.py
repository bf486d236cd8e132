"""Reads a bot's SQLite databases without touching them: it queries a copy.

What counts is what the next reader would find, so a write-ahead log or a hot journal beside the file is copied too; no
lock is taken. The file is a stranger's (principle 9): only the profile's queries run, read-only and for a short time.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

try:
    import sqlite3
except ImportError:  # a Python may be built without it
    sqlite3 = None  # type: ignore[assignment]

from fleet_stress import system
from fleet_stress.observe import bot_files

__all__ = ["BESIDE", "INDEX", "Stamp", "being_written", "family", "read", "sqlite3", "stamp"]

#: SQLite's files beside a database that are part of its content (sqlite.org/tempfiles.html).
BESIDE = ("-wal", "-journal")
#: Ends a journal that names a super-journal (sqlite.org/fileformat2.html#the_rollback_journal, pager.c).
_MAGIC = bytes.fromhex("d9d505f920a163d7")
#: The one that it recreates from these.
INDEX = "-shm"

#: The most steps of SQLite's machine for a query, and for the check of the whole file.
_STEPS = 20_000_000
#: Attempts to read while the file changes, and seconds between them.
_LOOKS, _PAUSE = 5, 0.01
#: A file that changed within so many seconds may change again without a new time stamp.
_GRAIN = 0.02
#: Bytes of it.
_WAL_HEADER = 32

Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp | None:
    """Inode, modification time (ns) and size of a database with its companion files; None: no such file."""
    try:
        main = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(main.st_mode):
        return None
    changed, size = main.st_mtime_ns, main.st_size
    for name in BESIDE:
        with contextlib.suppress(OSError):
            beside = os.lstat(f"{path}{name}")
            changed, size = max(changed, beside.st_mtime_ns), size + beside.st_size
    return main.st_ino, changed, size


def read(path: Path, numbers: Mapping[str, str], scratch: Path | None) -> bytes | None:
    """The numbers in a database as a JSON object, or why it is unreadable.

    ``numbers``: SQL queries by name, each for one number; null: an intact database does not answer, for example
    because its tables do not exist yet. ``scratch``: a private folder. None: there is no regular file, it is too large,
    or it kept changing while it was copied.
    """
    if sqlite3 is None:
        return None
    content = None
    for _ in range(_LOOKS):
        before, at = _standing(path), time.time()
        parts = {name: bot_files.read_regular(Path(f"{path}{name}")) for name in ("", *BESIDE)}
        if before is None or parts[""] is None:
            return None
        if before == _standing(
            path
        ):  # now: to ask the copy takes its time on a busy host, and a bot goes on meanwhile
            fresh = at - before.changed < _GRAIN
            parts["-journal"] = _alone(parts["-journal"])
            content = _queried(parts, numbers, scratch)
            if not (content.startswith(_BROKEN) and fresh):
                return content
        time.sleep(_PAUSE)
    return content


class _Standing(NamedTuple):
    """What must not change while a database is copied."""

    main: Stamp
    journal: Stamp | None
    #: A write-ahead log only grows until it begins anew, with another header; its last transaction counts once it is
    #: whole (sqlite.org/fileformat2.html#walformat). So its size does not matter.
    wal: bytes | None
    #: When the newest of them changed, in seconds since the epoch.
    changed: float


def _standing(path: Path) -> _Standing | None:
    main, journal, wal = (_own_stamp(Path(f"{path}{name}")) for name in ("", "-journal", "-wal"))
    if main is None:
        return None
    header = None if wal is None else bot_files.read_head(Path(f"{path}-wal"), _WAL_HEADER)
    # In a database with a log, what is written shows in the log, and says nothing of how whole the copy is.
    newest = max(one[1] for one in (main, journal) if one)
    return _Standing(main, journal, header, newest / 1e9)


def _own_stamp(path: Path) -> Stamp | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size) if stat.S_ISREG(status.st_mode) else None


def _alone(journal: bytes | None) -> bytes | None:
    """A journal without the name of a super-journal, which SQLite would open, read and remove, whatever it is.

    With one that is gone, the transaction was committed, and the journal means nothing.
    """
    while journal is not None and journal.endswith(_MAGIC) and len(journal) >= 16:
        length = int.from_bytes(journal[-16:-12], "big")
        journal, name = journal[: max(0, len(journal) - 16 - length)], journal[-16 - length : -16]
        if name and not os.path.lexists(name.split(b"\0")[0]):
            return None
    return journal


#: Not JSON, so that a check for valid content fails on it.
_BROKEN = b"no database that can be read: "


def _queried(parts: Mapping[str, bytes | None], numbers: Mapping[str, str], scratch: Path | None) -> bytes:
    with tempfile.TemporaryDirectory(dir=scratch, prefix="database-") as folder:
        copy = Path(folder, "copy")
        for name, data in parts.items():
            if data is not None:
                Path(f"{copy}{name}").write_bytes(data)
        try:
            with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
                return json.dumps(_answers(connection, numbers), sort_keys=True).encode()
        except (sqlite3.Error, ValueError) as problem:
            return _BROKEN + str(problem).encode()


def _answers(connection: sqlite3.Connection, numbers: Mapping[str, str]) -> dict[str, float | None]:
    """Raises sqlite3.Error, and ValueError for a damaged database."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.set_progress_handler(lambda: 1, _STEPS)
    damaged = connection.execute("PRAGMA quick_check(1)").fetchone()
    if damaged != ("ok",):
        raise ValueError(damaged[0] if damaged else "empty")
    connection.set_authorizer(_only_reading)
    found: dict[str, float | None] = {}
    for name, query in numbers.items():
        try:
            row = connection.execute(query).fetchone()
        except sqlite3.DatabaseError:
            row = None
        found[name] = row[0] if row and isinstance(row[0], (int, float)) else None
    return found


def _only_reading(action: int, *_: object) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def family(path: Path) -> list[Path]:
    """A database and its companion files."""
    return [Path(f"{path}{name}") for name in ("", *BESIDE, INDEX)]


def being_written(pids: Collection[int], path: Path) -> bool:
    """Whether one of these processes is writing to a database: it holds SQLite's lock for that.

    A database is always open for writing, so that says nothing.
    """
    # sqlite.org/fileformat2.html#wal_index_format (lock bytes) and lockingv3.html: PENDING, RESERVED.
    wal_write, pending, reserved = 120, 0x40000000, 0x40000001
    return system.holds_write_lock(pids, Path(f"{path}{INDEX}"), (wal_write,)) or system.holds_write_lock(
        pids, path, (pending, reserved)
    )
