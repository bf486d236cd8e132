"""The main process of a bot's start: the one that was started, or the one that a daemon leaves when it detaches itself.

A daemon's first process ends at once, with 0, and what goes on is an orphan (daemon(7)). Which one is the main process
its PID file says, as it says systemd (``Type=forking``, systemd.service(5)); it is believed only if that process is one
of the bot's. Without a PID file it is the eldest that is left, and the bot has ended when nobody is left.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from fleet_stress.observe import bot_files
from fleet_stress.store.exit_words import split_exit
from fleet_stress.system import children, process

#: An exit that nobody could see: macOS gives orphans to launchd, and a daemon's parent may be another process of it.
UNSEEN: Mapping[str, Any] = {"code": None, "signal": None}
#: Seconds until the exit code of an orphan has been collected.
_COLLECTED_WITHIN = 2.0
#: At most so many looks for who is left; two that agree are enough.
_LOOKS = 5


class MainProcess:
    """Of one start. ``ended`` tells how it ended, once it has."""

    def __init__(
        self,
        started: subprocess.Popen[bytes],
        daemon: Mapping[str, Any] | None,
        members: Callable[[], list[psutil.Process]],
        within: float,
    ) -> None:
        """``daemon`` is the profile's; its PID file has to name one of ``members`` in so many seconds."""
        self._started, self._daemon, self._members, self._within = started, daemon, members, within
        self.handle = psutil.Process(started.pid)
        self._detached_at: float | None = None

    @property
    def pid(self) -> int:
        """Its number."""
        return self.handle.pid

    def ended(self) -> Mapping[str, Any] | None:
        """``code`` and ``signal`` of its exit; None: it runs."""
        code = self._started.poll()
        if code is None:
            return None
        if self._daemon is None or code != 0:
            return split_exit(code)
        if self._detached_at is None:
            self._detached_at = time.monotonic()
        if self._detached and process.alive(self.handle):
            return None
        left = self._left()
        if self._detached and ("pid_file" in self._daemon or not left):
            return children.exit_of(self.pid, _COLLECTED_WITHIN) or UNSEEN
        main = self._named(left) if "pid_file" in self._daemon else _eldest(left)
        if main is not None:
            self.handle = main
            return None
        late = time.monotonic() - self._detached_at > self._within
        return split_exit(code) if late or not left else None

    def _left(self) -> list[psutil.Process]:
        """Who of the bot is alive. Nobody is, where two looks in a row say so.

        One that starts another and ends while we look is dead when we come to it, and the other is not in our list.
        """
        before: set[int] | None = None
        for _ in range(_LOOKS):
            members = self._members()
            left = [member for member in members if process.alive(member)]
            listed = {member.pid for member in members}
            if left or listed == before:
                return left
            before = listed
        return []

    @property
    def _detached(self) -> bool:
        return self.pid != self._started.pid

    def _named(self, left: list[psutil.Process]) -> psutil.Process | None:
        said = bot_files.read_regular(Path(str((self._daemon or {})["pid_file"])))
        return next((member for member in left if (said or b"").strip() == str(member.pid).encode()), None)

    def wait(self, within: float | None = None) -> Mapping[str, Any]:
        """Wait until it has ended, and tell how. Raises subprocess.TimeoutExpired."""
        deadline = None if within is None else time.monotonic() + within
        while True:
            how = self.ended()
            if how is not None:
                return how
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self._started.args, within or 0.0)
            time.sleep(0.01)


def _eldest(left: list[psutil.Process]) -> psutil.Process | None:
    """The one that has been adopted, or else the first of them."""
    return min(left, key=lambda member: (member.ppid() != os.getpid(), member.create_time()), default=None)
