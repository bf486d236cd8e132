"""What all processes of a bot count together, in a file that each of them maps and one at a time changes."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import struct
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faulty_fs.shipped import record
from fleet_stress.faulty_fs.shipped.python_shim.real import system
from fleet_stress.faulty_fs.shipped.rules import Outcome, Rules

#: Two numbers a rule: the operations that it has seen, and until when a slow disk is busy.
_OF_RULE = struct.Struct("<Qd")
_UNTIL = struct.Struct("<d")


def size(rules: int) -> int:
    """The size in bytes of the file in which so many rules are counted."""
    return _UNTIL.size + _OF_RULE.size * rules


class Lock:
    """Held by one thread of one process of the bot; reentrant, because a signal handler may save too.

    A record lock (fcntl(2)): it ends with its process, however that ends, and a fork does not inherit it. The file is
    opened each time: a daemon that closes all descriptors that it does not know must not find ours among them.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0
        self._held = -1
        os.register_at_fork(
            before=self._threads.acquire, after_in_parent=self._threads.release, after_in_child=self._forked
        )

    def _forked(self) -> None:
        self._held = -1  # the parent's
        self._depth = 0
        self._threads.release()

    def __enter__(self) -> None:
        self._threads.acquire()
        self._depth += 1
        if self._depth == 1:
            with contextlib.suppress(
                OSError
            ):  # without a free descriptor only the threads exclude each other
                self._held = system.open(self._path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
                fcntl.lockf(self._held, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._held >= 0:
            held, self._held = self._held, -1
            with contextlib.suppress(OSError):
                system.close(held)
        self._threads.release()


def mapped(path: str) -> mmap.mmap:
    """A file that all processes share. Raises OSError."""
    descriptor = system.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return mmap.mmap(descriptor, 0)
    finally:
        system.close(descriptor)


class SharedRules(Rules):
    """Rules that count the operations of all processes."""

    def __init__(self, rules: Sequence[Mapping[str, Any]], path: str, lock: Lock) -> None:
        """``path``: a file of ``size`` bytes, zeros at first. Raises OSError."""
        super().__init__(rules)
        self._lock: Any = contextlib.nullcontext()
        self._all, self._numbers = lock, mapped(path)

    def ask(self, operation: str, paths: Sequence[str], size: int = 0, now: float | None = None) -> Outcome:
        """As ``Rules``, for all processes together."""
        with self._all:
            for number, rule in enumerate(self._rules):
                rule.resume(*_OF_RULE.unpack_from(self._numbers, _UNTIL.size + number * _OF_RULE.size))
            outcome = super().ask(operation, paths, size, now)
            for number, rule in enumerate(self._rules):
                _OF_RULE.pack_into(
                    self._numbers, _UNTIL.size + number * _OF_RULE.size, rule.seen, rule.free_at
                )
        return outcome

    @property
    def frozen_until(self) -> float:
        """Until when all operations wait (``time.monotonic``, which all processes of a host share)."""
        return float(_UNTIL.unpack_from(self._numbers, 0)[0])

    def freeze(self, until: float) -> None:
        """Let all operations wait until then."""
        with self._all:
            _UNTIL.pack_into(self._numbers, 0, max(until, self.frozen_until))


class SharedRecord(record.Record):
    """Counters and log that all processes write."""

    _lock: Any

    def __init__(self, figures: str, log: str, began: float, lock: Lock) -> None:
        """Raises OSError."""
        self._numbers = mapped(figures)
        self._path, self._began, self._lock = log, began, lock
        self._name = ""

    def _write(self, line: bytes) -> None:
        with contextlib.suppress(OSError):  # a log that cannot be written must not fail the bot
            descriptor = system.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                left = record.LOG_LIMIT - system.fstat(descriptor).st_size
                if left > 0:
                    system.write(descriptor, line if left > len(line) else record.FULL)
            finally:
                system.close(descriptor)

    def _process(self, pid: int) -> str:
        del pid
        if not self._name:
            program = getattr(sys, "argv", None) or [""]
            self._name = os.path.basename(str(program[0])) or os.path.basename(sys.executable or "python")
        return self._name[:100]
