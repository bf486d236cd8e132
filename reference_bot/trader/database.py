"""The ledger in an SQLite database, for those who want to ask it questions: the same document, in two tables.

A connection for each save: nothing of ours stays open between two cycles, and a file that was taken away or put back
meanwhile is found by its name, as a reader finds it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trader import sane
from trader.storage import PATIENCE, Document

#: At the start nothing can be done without it, so it is waited for longer, in seconds.
PATIENCE_AT_START = 30.0

_TABLES = (
    "CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY CHECK (id = 1), orders INTEGER,"
    " balance REAL, positions TEXT)",
    "CREATE TABLE IF NOT EXISTS history (number INTEGER PRIMARY KEY, entry TEXT NOT NULL)",
)


class Database(Document):
    """A ledger in SQLite. One transaction a save: a crash leaves the old content or the new one."""

    def __init__(self, path: Path, belongs_here: Callable[[Any], bool], warn: Callable[[str], None]) -> None:
        """Takes no backup: a transaction that is not whole is rolled back by whoever opens the file next."""
        super().__init__(path, belongs_here, warn)

    def load(self) -> Any:
        """The document; None where there is none that can be used. Ends the bot when another holds it locked.

        To go on from nothing then would write nothing over what is there.
        """
        if not self.path.exists():
            self._warn(f"{self.path.name} cannot be used: it is not there")
            return None
        try:
            with _opened(self.path, PATIENCE_AT_START) as connection:
                document = _read(connection)
            if not self._belongs_here(document):
                raise ValueError("holds tables, but not what belongs there")
        except (sqlite3.Error, ValueError, TypeError) as problem:
            if _is_busy(problem):
                raise SystemExit(f"{self.path.name}: {problem} for {PATIENCE_AT_START:g} s") from None
            self._warn(f"{self.path.name} cannot be used: {problem}")
            return None
        return document

    def save(self, document: Any) -> None:
        """Replace the document. Raises OSError; then the content before still stands."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            try:
                self._write(document)
            except sqlite3.OperationalError:
                raise  # the disk, or a lock: what is there is good
            except sqlite3.DatabaseError as problem:
                self._set_aside(problem)
                self._write(document)
        except sqlite3.Error as problem:
            raise OSError(str(problem)) from problem

    def _write(self, document: Any) -> None:
        newest = document["orders"]
        numbers = range(newest - len(document["history"]) + 1, newest + 1)
        entries = [json.dumps(item) for item in document["history"]]
        with _opened(self.path, PATIENCE) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")  # the end of its journal is made durable as well
            connection.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                connection.execute(table)
            row = (newest, document["balance"], json.dumps(document["positions"]))
            connection.execute("REPLACE INTO account VALUES (1, ?, ?, ?)", row)
            connection.execute("DELETE FROM history")
            connection.executemany("INSERT INTO history VALUES (?, ?)", zip(numbers, entries))
            connection.execute("COMMIT")

    def _set_aside(self, problem: Exception) -> None:
        """What is no database, or a damaged one, makes way for a good one. We did not make it so, so it is kept."""
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        self.path.rename(aside)
        self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)
        self._warn(f"{self.path.name} cannot be used ({problem}); it is now {aside.name}")


def _opened(path: Path, patience: float) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(path, timeout=patience, isolation_level=None))


def _read(connection: sqlite3.Connection) -> Any:
    """Raises sqlite3.Error, ValueError, TypeError."""
    connection.execute("BEGIN")
    row = connection.execute("SELECT orders, balance, positions FROM account").fetchone()
    if row is None:
        raise ValueError("it is empty")
    entries = connection.execute("SELECT entry FROM history ORDER BY number").fetchall()
    return {
        "orders": row[0],
        "balance": row[1],
        "positions": sane.parse(row[2].encode()),
        "history": [sane.parse(text.encode()) for (text,) in entries],
    }


def _is_busy(problem: Exception) -> bool:
    return isinstance(problem, sqlite3.OperationalError) and "locked" in str(problem)
