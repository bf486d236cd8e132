"""What the file system records: counters that its arena reads meanwhile, and a log of operations.

It also runs in a bot's own Python (``shipped``): Python 3.8, the standard library alone.
"""

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

#: In bytes: about an hour of a steady bot's operations.
LOG_LIMIT = 2_000_000
#: The last line of a log that has reached the limit.
FULL = b'{"more": "the log is full; the figures go on"}\n'
_NUMBER = struct.Struct("<Q")
#: Two numbers a rule: its hits, and the microseconds that operations waited for it.
_OF_RULE = 2


class Figures(NamedTuple):
    """The counters at one moment."""

    operations: dict[str, int]
    #: By rule: its hits, and the seconds that it made operations wait.
    rules: list[tuple[int, float]]

    @property
    def hits(self) -> int:
        """How often the rules were hit, in sum."""
        return sum(times for times, _ in self.rules)


def read(path: Path, rules: int) -> Figures:
    """The counters of a file system with so many rules, even of a dead one. Raises OSError."""
    return parse(path.read_bytes(), rules)


def size(rules: int) -> int:
    """The size in bytes of the counters of so many rules."""
    return _NUMBER.size * (len(OPERATIONS) + _OF_RULE * rules)


def parse(data: bytes, rules: int) -> Figures:
    """The counters in ``data``, which has at least ``size`` bytes."""
    numbers = [number for (number,) in _NUMBER.iter_unpack(data[: size(rules)])]
    counts, rest = numbers[: len(OPERATIONS)], numbers[len(OPERATIONS) :]
    return Figures(
        {name: count for name, count in zip(OPERATIONS, counts) if count},
        [(rest[_OF_RULE * rule], rest[_OF_RULE * rule + 1] / 1e6) for rule in range(rules)],
    )


def make(path: Path, rules: int) -> None:
    """Make a file of zeros for the counters. Raises OSError."""
    path.write_bytes(bytes(size(rules)))


class Record:
    """Counters and log of one file system; many threads write them."""

    def __init__(self, figures: Path, log: Path, limit: int = LOG_LIMIT) -> None:
        """``figures``: a file made by ``make``. Raises OSError."""
        with figures.open("r+b") as stream:
            self._numbers = mmap.mmap(stream.fileno(), 0)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        self._left = limit
        self._began = time.monotonic()
        os.write(self._log, json.dumps({"began": round(self._began, 6)}).encode() + b"\n")
        self._lock = threading.Lock()

    def waited(self, rule: int, seconds: float) -> None:
        """An operation waited so long because of a rule."""
        with self._lock:
            self._add(len(OPERATIONS) + _OF_RULE * rule + 1, round(seconds * 1e6))

    def operation(
        self, name: str, paths: Sequence[str], pid: int, began: float, rules: Sequence[int], **about: Any
    ) -> None:
        """An operation has ended. ``began`` is a time of ``time.monotonic``. Reads are counted, not logged."""
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
