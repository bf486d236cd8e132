"""Does to an operation what the rules say (delay, fail, cut short, kill), and records it.

It also runs in a bot's own Python (``shipped``): Python 3.8, the standard library alone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress.faulty_fs.shipped.record import Record
from fleet_stress.faulty_fs.shipped.rules import Outcome, Rules

#: Seconds between two checks whether a waiting caller was killed.
_LOOK = 0.05


class Caller(NamedTuple):
    """Who asks for an operation. ``pid`` is that of the thread."""

    uid: int
    gid: int
    pid: int


class Effects:
    """Stands between the caller and the disk. Rules apply to one user, except to ``spared`` processes."""

    def __init__(
        self,
        rules: Rules,
        record: Record,
        uid: int,
        spared: Sequence[int] = (),
        cut_power: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``cut_power`` is called with what is to be forgotten, before the bot whose power is cut is killed."""
        self._rules, self._record, self._uid, self._spared = rules, record, uid, frozenset(spared)
        self._cut_power = cut_power
        self._frozen_until = 0.0
        self._off = threading.Event()

    def switch_off(self) -> None:
        """Every operation passes from now on, and waiting callers continue."""
        self._off.set()

    @contextlib.contextmanager
    def on(self, name: str, paths: Sequence[str], caller: Caller, size: int = 0) -> Iterator[Operation]:
        """Wraps one operation. Raises OSError if it has to fail; an OSError raised within is recorded."""
        began = time.monotonic()
        subject = caller.uid == self._uid and caller.pid not in self._spared
        outcome = (
            self._rules.ask(name, paths, size, began) if subject and not self._off.is_set() else Outcome()
        )
        about: dict[str, Any] = {"size": size} if name in ("write", "truncate", "fallocate") else {}
        if not subject:
            about["other"] = True
        operation = Operation(size if outcome.most is None else min(size, outcome.most), about)
        try:
            self._before(outcome, caller, began)
            yield operation
        except OSError as problem:
            about["error"] = errno.errorcode.get(problem.errno or 0, str(problem.errno))
            raise
        finally:
            if outcome.kill:
                about["killed"] = outcome.kill
            self._record.operation(name, paths, caller.pid, began, outcome.rules, **about)
            if outcome.kill == "before":  # last: in the Python shim the caller is this process
                self._kill(outcome, caller)
        if outcome.kill in ("after", "half"):
            self._kill(outcome, caller)

    def _before(self, outcome: Outcome, caller: Caller, began: float) -> None:
        if outcome.freeze:
            self._frozen_until = max(self._frozen_until, time.monotonic() + outcome.freeze)
        if caller.uid == self._uid and caller.pid not in self._spared:
            self._wait(self._frozen_until, caller)
        for rule, until in outcome.until:
            self._wait(until, caller)
            now = time.monotonic()
            self._record.waited(rule, now - began)
            began = now
        if outcome.kill == "before":
            raise OSError(errno.EINTR, os.strerror(errno.EINTR))
        if outcome.errno:
            raise OSError(outcome.errno, os.strerror(outcome.errno))

    def _kill(self, outcome: Outcome, caller: Caller) -> None:
        if outcome.forget is not None:
            self._cut_power(outcome.forget)
        _kill(caller.pid, self._spared)

    def _wait(self, until: float, caller: Caller) -> None:
        """A caller that is killed while it waits is answered: the kernel cannot end it before."""
        while (left := until - time.monotonic()) > 0:
            if self._off.wait(min(left, _LOOK)):
                return
            if left > _LOOK and is_killed(caller.pid):
                raise OSError(errno.EINTR, os.strerror(errno.EINTR))


class Operation:
    """A running operation: how many bytes it may write at most, and what is recorded about it."""

    def __init__(self, most: int, about: dict[str, Any]) -> None:
        self.most = most
        self._about = about

    def truncates(self) -> None:
        """It also empties the file (O_TRUNC)."""
        self._about["truncates"] = True

    def done(self, size: int) -> None:
        """So many bytes were transferred."""
        if size != self._about.get("size"):
            self._about["done"] = size


def is_killed(thread: int) -> bool:
    """Whether a thread has ended or has a pending SIGKILL (proc_pid_status(5))."""
    try:
        for line in Path(f"/proc/{thread}/status").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name in ("SigPnd", "ShdPnd") and int(value, 16) >> (signal.SIGKILL - 1) & 1:
                return True
    except OSError:
        return True
    return False


def _kill(thread: int, spared: Iterable[int]) -> None:
    """Kill a thread's process, and with it the others of its process group, so that none of them sees it end.

    Not a group that this process is in itself, as it is in a bot's Python. Whoever of the bot is left is killed by its
    arena, which looks at the counters.
    """
    with contextlib.suppress(ProcessLookupError):
        group = os.getpgid(thread)
        if group not in {os.getpgid(pid) for pid in (0, *spared)}:
            os.killpg(group, signal.SIGKILL)
        os.kill(thread, signal.SIGKILL)  # the whole process, whichever thread is named (kill(2), Linux)
