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
from typing import Any

from fleet_stress import system

#: Seconds between two looks: a thousand orphans a second are then some hundred zombies.
_LOOK = 0.1
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
                    os.waitpid(pid, os.WNOHANG)
            except (ChildProcessError, ProcessLookupError):
                continue


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
