"""The children of this process: those that it started itself, and orphans of a bot that it has adopted.

Nobody waits for an orphan. Until somebody does, its process id stays taken (a zombie), and a bot that forks without end
uses up those of the host within a minute. A child that somebody here waits for must be left to them: subprocess takes
an exit code that is gone for 0.
"""

from __future__ import annotations

import os
import subprocess
import threading
import weakref
from collections.abc import Mapping
from typing import Any

from fleet_stress import system
from fleet_stress.store.deadline import wait_until
from fleet_stress.store.exit_words import split_exit

#: Seconds between two looks: a thousand orphans a second are then some hundred zombies.
_LOOK = 0.1
#: So many exit codes of orphans are remembered, the newest.
_REMEMBERED = 256
_EXITS: dict[int, int] = {}
_STARTED: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()
_LOCK = threading.Lock()


def in_own_session(argv: list[str], **how: Any) -> subprocess.Popen[bytes]:
    """``subprocess.Popen`` in a session of its own; its exit code is left to the caller. Raises as that does."""
    with _LOCK:
        started: subprocess.Popen[bytes] = subprocess.Popen(argv, start_new_session=True, **how)
        _STARTED.add(started)
    return started


def collect_orphans() -> None:
    """Let go of the dead orphans that this process has adopted.

    Whatever it starts itself is in its own session, or comes from ``in_own_session``; no orphan of a bot gets into that
    session (setsid(2)).
    """
    with _LOCK:
        awaited = {started.pid for started in _STARTED if started.returncode is None}
        own = os.getsid(0)
        for pid in system.child_pids():
            try:
                if pid not in awaited and os.getsid(pid) != own:
                    _remember(*os.waitpid(pid, os.WNOHANG))
            except (ChildProcessError, ProcessLookupError):
                continue


def _remember(pid: int, status: int) -> None:
    if pid:
        _EXITS.pop(pid, None)
        _EXITS[pid] = os.waitstatus_to_exitcode(status)
        while len(_EXITS) > _REMEMBERED:
            del _EXITS[next(iter(_EXITS))]


def exit_of(pid: int, within: float) -> Mapping[str, Any] | None:
    """How an orphan ended that was adopted and has been collected, or is in so many seconds; None: nobody saw it."""

    def collected() -> bool:
        collect_orphans()
        return pid in _EXITS

    return split_exit(_EXITS[pid]) if wait_until(collected, within, 0.01) else None


class Collector(threading.Thread):
    """Collects orphans all the time, whatever else this process waits for. Ends with it, or by ``end``."""

    def __init__(self) -> None:
        super().__init__(name="collects orphans", daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        """Until ``end``."""
        while not self._over.wait(_LOOK):
            collect_orphans()

    def end(self) -> None:
        """No child is collected any more once this returns; repeatable."""
        self._over.set()
        if self.is_alive():
            self.join()
