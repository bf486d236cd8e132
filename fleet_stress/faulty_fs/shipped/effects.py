"""Doing to an operation what the rules say: waiting, failing, cutting short, killing. Then it is written down."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress.faulty_fs.shipped.record import Record
from fleet_stress.faulty_fs.shipped.rules import Met, Rules

#: Seconds between two looks at whether who waits was killed meanwhile.
_LOOK = 0.05


class Caller(NamedTuple):
    """Who asks for an operation. ``pid`` is a thread's."""

    uid: int
    gid: int
    pid: int


class Effects:
    """Between the caller and the disk. Rules are for one user alone, and not for processes that are ``spared``."""

    def __init__(
        self,
        rules: Rules,
        record: Record,
        uid: int,
        spared: Sequence[int] = (),
        cut_power: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``cut_power`` is called before a bot is killed whose power is cut, with what is to be forgotten."""
        self._rules, self._record, self._uid, self._spared = rules, record, uid, frozenset(spared)
        self._cut_power = cut_power
        self._frozen_until = 0.0
        self._off = threading.Event()

    def switch_off(self) -> None:
        """From now on all passes, and whoever waits goes on."""
        self._off.set()

    @contextlib.contextmanager
    def on(self, name: str, paths: Sequence[str], caller: Caller, size: int = 0) -> Iterator[Operation]:
        """Around one operation. Raises OSError where it has to fail; what is raised within is written down."""
        began = time.monotonic()
        subject = caller.uid == self._uid and caller.pid not in self._spared
        met = self._rules.ask(name, paths, size, began) if subject and not self._off.is_set() else Met()
        about: dict[str, Any] = {"size": size} if name in ("write", "truncate", "fallocate") else {}
        if not subject:
            about["other"] = True
        operation = Operation(size if met.most is None else min(size, met.most), about)
        try:
            self._before(met, caller, began)
            yield operation
        except OSError as problem:
            about["error"] = errno.errorcode.get(problem.errno or 0, str(problem.errno))
            raise
        finally:
            if met.kill:
                about["killed"] = met.kill
            self._record.operation(name, paths, caller.pid, began, met.rules, **about)
            if met.kill == "before":  # only now: in the stand-in the caller is ourselves
                self._kill(met, caller)
        if met.kill == "after":
            self._kill(met, caller)

    def _before(self, met: Met, caller: Caller, began: float) -> None:
        if met.freeze:
            self._frozen_until = max(self._frozen_until, time.monotonic() + met.freeze)
        if caller.uid == self._uid and caller.pid not in self._spared:
            self._wait(self._frozen_until, caller)
        for rule, until in met.until:
            self._wait(until, caller)
            now = time.monotonic()
            self._record.waited(rule, now - began)
            began = now
        if met.kill == "before":
            raise OSError(errno.EINTR, os.strerror(errno.EINTR))
        if met.errno:
            raise OSError(met.errno, os.strerror(met.errno))

    def _kill(self, met: Met, caller: Caller) -> None:
        if met.forget is not None:
            self._cut_power(met.forget)
        _kill(caller.pid)

    def _wait(self, until: float, caller: Caller) -> None:
        """Whoever is killed while it waits is let go: the kernel cannot end it before it has its answer."""
        while (left := until - time.monotonic()) > 0:
            if self._off.wait(min(left, _LOOK)):
                return
            if left > _LOOK and is_killed(caller.pid):
                raise OSError(errno.EINTR, os.strerror(errno.EINTR))


class Operation:
    """One that goes on: how many bytes of it are written at most, and what is written down of it."""

    def __init__(self, most: int, about: dict[str, Any]) -> None:
        self.most = most
        self._about = about

    def truncates(self) -> None:
        """It also empties the file (O_TRUNC)."""
        self._about["truncates"] = True

    def done(self, size: int) -> None:
        """So many bytes were."""
        if size != self._about.get("size"):
            self._about["done"] = size


def is_killed(thread: int) -> bool:
    """Whether a thread has ended or has SIGKILL to die of (proc_pid_status(5))."""
    try:
        for line in Path(f"/proc/{thread}/status").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name in ("SigPnd", "ShdPnd") and int(value, 16) >> (signal.SIGKILL - 1) & 1:
                return True
    except OSError:
        return True
    return False


def _kill(thread: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(
            thread, signal.SIGKILL
        )  # of the whole process, whichever of its threads is named (kill(2), Linux)
