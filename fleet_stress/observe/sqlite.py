"""SQLite databases of a bot, looked at without touching them: copied, and the copy is asked.

What counts is what the next reader would find, so a write-ahead log or a hot journal beside the file counts
too, and nobody's locks are taken. A database is a stranger's file: only the profile's own questions are
asked, each may only read, and none for long.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

try:
    import sqlite3
except ImportError:  # a Python may be built without it
    sqlite3 = None  # type: ignore[assignment]

from fleet_stress import system
from fleet_stress.observe import bot_files

__all__ = ["BESIDE", "INDEX", "Stamp", "being_written", "family", "read", "sqlite3", "stamp"]

#: What SQLite keeps beside a database and belongs to what it holds (sqlite.org/tempfiles.html).
BESIDE = ("-wal", "-journal")
#: And what it makes again from these.
INDEX = "-shm"

#: A question may take so many steps of SQLite's machine; the whole file is checked within that as well.
_STEPS = 20_000_000
#: Looks until what stands there holds still, and seconds between them.
_LOOKS, _PAUSE = 5, 0.01
#: A file that changed so short a time ago may change again without its time stamp telling, in seconds.
_GRAIN = 0.02

Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp | None:
    """Inode, time of the last change (ns) and size of a database with what is beside it; None: no such file."""
    try:
        main = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(main.st_mode):
        return None
    changed, size = main.st_mtime_ns, main.st_size
    for name in BESIDE:
        with contextlib.suppress(OSError):
            one = os.lstat(f"{path}{name}")
            changed, size = max(changed, one.st_mtime_ns), size + one.st_size
    return main.st_ino, changed, size


def read(path: Path, numbers: Mapping[str, str], scratch: Path | None) -> bytes | None:
    """What a database holds, in our words: a JSON object of the asked numbers; or why it cannot be read.

    ``numbers``: SQL that gives one number, by its name; null where a whole database does not answer, as one does
    whose tables are not made yet. ``scratch``: a folder that is ours alone. None: there
    is no regular file, it is too large, or it did not hold still.
    """
    if sqlite3 is None:
        return None
    for _ in range(_LOOKS):
        before = stamp(path)
        parts = {name: bot_files.read_regular(Path(f"{path}{name}")) for name in ("", *BESIDE)}
        if before is None or parts[""] is None:
            return None
        held = _asked(parts, numbers, scratch)
        fresh = time.time() - before[1] / 1e9 < _GRAIN
        if before == stamp(path) and not (held.startswith(_BROKEN) and fresh):
            return held
        time.sleep(_PAUSE)
    return held if before == stamp(path) else None


#: No JSON, so that whoever asks for whole content is told that this is none.
_BROKEN = b"no database that can be read: "


def _asked(parts: Mapping[str, bytes | None], numbers: Mapping[str, str], scratch: Path | None) -> bytes:
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
    """Raises sqlite3.Error, and ValueError for what is damaged."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.set_progress_handler(lambda: 1, _STEPS)
    damaged = connection.execute("PRAGMA quick_check(1)").fetchone()
    if damaged != ("ok",):
        raise ValueError(damaged[0] if damaged else "empty")
    connection.set_authorizer(_only_reading)
    found: dict[str, float | None] = {}
    for name, question in numbers.items():
        try:
            row = connection.execute(question).fetchone()
        except sqlite3.DatabaseError:
            row = None
        found[name] = row[0] if row and isinstance(row[0], (int, float)) else None
    return found


def _only_reading(action: int, *_: object) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def family(path: Path) -> list[Path]:
    """Everything that SQLite keeps under a database's name."""
    return [Path(f"{path}{name}") for name in ("", *BESIDE, INDEX)]


def being_written(pid: int, path: Path) -> bool:
    """Whether a process is in the middle of a write to a database: it holds SQLite's lock for that.

    That a database is open for writing says nothing: it is, all the time.
    """
    # sqlite.org/fileformat2.html#wal_index_format (lock bytes) and lockingv3.html: PENDING, RESERVED.
    wal_write, pending, reserved = 120, 0x40000000, 0x40000001
    return system.holds_write_lock(pid, Path(f"{path}{INDEX}"), (wal_write,)) or system.holds_write_lock(
        pid, path, (pending, reserved)
    )
