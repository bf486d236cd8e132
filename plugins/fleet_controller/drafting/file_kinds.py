"""What a file of a bot's is: its format by its content, and the numbers in it by their names in a profile."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from fleet_stress.store.bounded_read import from_json

_SQLITE = b"SQLite format 3\0"
_TABLE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?[\"'`\[]?([A-Za-z_]\w{0,50})", re.IGNORECASE)
#: Values are looked for so deep, and so many of them.
_DEEPEST, _MOST = 4, 300
#: What is text, however regular it looks.
_TEXTS = (".log", ".txt", ".out", ".md")
_FIELD = re.compile(r"[A-Za-z_][\w -]{0,60}")
#: Beside a file: its write-ahead log, what is just being written, locks.
BESIDE = re.compile(r"(-wal|-shm|-journal|\.lock|\.pid|\.sock|\.tmp|\.temp|\.new|\.part|\.swp|\.tmp\..*)$")
BACKUP = re.compile(r"(\.bak|\.backup|\.old|\.prev|~)$")


def format_of(name: str, data: bytes) -> str:
    """``json``, ``jsonl``, ``csv``, ``sqlite``, ``text`` or ``bytes``."""
    if data.startswith(_SQLITE):
        return "sqlite"
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    try:
        from_json(data)
        return "json"
    except ValueError:
        pass
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "bytes"
    if "\0" in text:
        return "bytes"
    lines = text.splitlines()
    if len(lines) > 1 and all(_is_json(line) for line in lines[:50]):
        return "jsonl"
    return "csv" if suffix == ".csv" or (suffix not in _TEXTS and _is_csv(lines)) else "text"


def _is_json(line: str) -> bool:
    try:
        return isinstance(from_json(line.encode()), (dict, list))
    except ValueError:
        return False


def _is_csv(lines: list[str]) -> bool:
    """Rows of one width under one with names."""
    widths = {len(row) for row in csv.reader(lines[:50])} if len(lines) > 1 else set()
    return len(widths) == 1 and widths.pop() > 1 and re.fullmatch(r"[A-Za-z_ ,\"]+", lines[0]) is not None


def tables(data: bytes) -> list[str]:
    """Tables of an SQLite database, by the text of its own schema; the database is not opened."""
    names = dict.fromkeys(match[1].decode() for match in _TABLE.finditer(data))
    return [name for name in names if not name.lower().startswith("sqlite")][:20]


def values(format_: str, data: bytes) -> dict[str, Any]:
    """Its numbers and texts: by dotted path, ``len(path)`` or ``len()``."""
    try:
        if format_ in ("json", "sqlite", "bytes"):
            return dict(_flat(from_json(data), "", 0))
        if format_ == "jsonl":
            return {"len()": data.count(b"\n")}
        if format_ == "csv":
            rows = csv.reader(io.StringIO(data.decode("utf-8", "replace")))
            return {"len()": max(0, sum(1 for row in rows if row) - 1)}
    except (ValueError, RecursionError, csv.Error):
        pass
    return {}


def _flat(value: Any, at: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (list, dict)):
        if at or isinstance(value, list):
            yield f"len({at})", len(value)
    elif at:
        yield at, value
    if isinstance(value, dict) and depth < _DEEPEST:
        for name in list(value)[:_MOST]:
            if isinstance(name, str) and _FIELD.fullmatch(name):
                yield from _flat(value[name], f"{at}.{name}" if at else name, depth + 1)


def shown(value: Any) -> str:
    """A value in a comment."""
    return json.dumps(value)[:60]
