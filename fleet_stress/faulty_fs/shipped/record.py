"""What the file system writes down: figures that its arena reads while it goes on, and a log of operations."""

from __future__ import annotations

import json
import mmap
import os
import struct
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress.faulty_fs.shipped.rules import OPERATIONS

#: In bytes; a steady bot's operations of an hour.
LOG_LIMIT = 2_000_000
#: The last line of one that has reached it.
FULL = b'{"more": "the log is full; the figures go on"}\n'
_NUMBER = struct.Struct("<Q")
#: Of each rule: how often it was met, and microseconds that operations waited for it.
_OF_RULE = 2


class Figures(NamedTuple):
    """A look at the figures."""

    operations: dict[str, int]
    #: By rule: how often it was met, seconds that it made operations wait.
    rules: list[tuple[int, float]]

    @property
    def met(self) -> int:
        """How often any rule was met."""
        return sum(times for times, _ in self.rules)


def read(path: Path, rules: int) -> Figures:
    """The figures of a file system with so many rules, also of one that has died. Raises OSError."""
    return parse(path.read_bytes(), rules)


def size(rules: int) -> int:
    """Of the figures of so many rules, in bytes."""
    return _NUMBER.size * (len(OPERATIONS) + _OF_RULE * rules)


def parse(data: bytes, rules: int) -> Figures:
    """The same of what was read of them; at least ``size`` bytes."""
    numbers = [one for (one,) in _NUMBER.iter_unpack(data[: size(rules)])]
    counts, rest = numbers[: len(OPERATIONS)], numbers[len(OPERATIONS) :]
    return Figures(
        {name: count for name, count in zip(OPERATIONS, counts) if count},
        [(rest[_OF_RULE * one], rest[_OF_RULE * one + 1] / 1e6) for one in range(rules)],
    )


def make(path: Path, rules: int) -> None:
    """An empty file of figures. Raises OSError."""
    path.write_bytes(bytes(size(rules)))


class Record:
    """Figures and log of one file system; written by many threads."""

    def __init__(self, figures: Path, log: Path, limit: int = LOG_LIMIT) -> None:
        """``figures`` was made by ``make``. Raises OSError."""
        with figures.open("r+b") as stream:
            self._numbers = mmap.mmap(stream.fileno(), 0)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        self._left = limit
        self._began = time.monotonic()
        os.write(self._log, json.dumps({"began": round(self._began, 6)}).encode() + b"\n")
        self._lock = threading.Lock()

    def waited(self, rule: int, seconds: float) -> None:
        """An operation has waited for a rule."""
        with self._lock:
            self._add(len(OPERATIONS) + _OF_RULE * rule + 1, round(seconds * 1e6))

    def operation(
        self, name: str, paths: Sequence[str], pid: int, began: float, rules: Sequence[int], **about: Any
    ) -> None:
        """One operation is over. ``began`` is on the clock of ``time.monotonic``. Reads are counted, not logged."""
        now = time.monotonic()
        with self._lock:
            self._add(OPERATIONS.index(name), 1)
            for rule in rules:
                self._add(len(OPERATIONS) + _OF_RULE * rule, 1)
            if name == "read" and not rules:
                return
            line = {
                "at": round(began - self._began, 6),
                "op": name,
                "path": paths[0],
                **({"to": paths[1]} if len(paths) > 1 else {}),
                "pid": pid,
                "process": self._process(pid),
                "took": round(now - began, 6),
                **({"rules": list(rules)} if rules else {}),
                **about,
            }
            self._write(json.dumps(line).encode() + b"\n")

    def _write(self, line: bytes) -> None:
        if self._left > 0:
            self._left -= len(line)
            os.write(self._log, line if self._left > 0 else FULL)

    def _process(self, pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").rstrip("\n")
        except OSError:
            return "?"

    def _add(self, index: int, more: int) -> None:
        offset = index * _NUMBER.size
        (before,) = _NUMBER.unpack_from(self._numbers, offset)
        _NUMBER.pack_into(self._numbers, offset, before + more)
