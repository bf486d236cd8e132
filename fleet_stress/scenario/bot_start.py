"""One start of a bot: from its command line to its exit, and what was seen in between."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.observe import file_content, sqlite
from fleet_stress.observe.sampling import Sampling
from fleet_stress.observe.taken_names import taken_by
from fleet_stress.observe.watch import INTERVAL
from fleet_stress.scenario import start_settings
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.write_aim import Aim
from fleet_stress.store.deadline import wait_until
from fleet_stress.store.exit_words import split_exit
from fleet_stress.system import process

#: How long a bot's other processes may outlive it before they count as left behind. Seconds.
_FOLLOW_WITHIN = 2.0
#: A database transaction lasts some milliseconds: the interval, and the length, of a search for one. Seconds.
_TRANSACTION, _TRANSACTIONS = 0.0002, 0.2
#: Seconds between two looks at the ports that it takes.
_LOOK_WHAT_IT_TAKES = 0.1
#: A killed bot is gone at once, unless it waits for a disk that does not answer. Seconds.
_KILLED_WITHIN = 5.0
#: Told of a process that ends, and has started another one, before it can be looked at.
_NEVER_STAYS = {"pid": 0, "name": "one that ends and starts itself anew all the time", "cmdline": ""}


class Start:
    """A bot that runs (or ran) in an arena; its entry in ``evidence.starts`` is ``entry``."""

    def __init__(self, arena: Arena, settings: Mapping[str, Any]) -> None:
        """Start the bot. Raises OSError when the command line cannot be started at all."""
        self._arena = arena
        number = len(arena.evidence.document["starts"]) + 1
        argv = start_settings.argv(arena.bot, settings, arena.places)
        self.entry: dict[str, Any] = {
            "n": number,
            "argv": argv,
            "settings": dict(settings),
            "pid": None,
            "at": arena.evidence.now(),
            "wall": time.time(),
            "cycles": [],
            "signals": [],
            "exit": None,
            "stdout": f"start-{number:02d}.out",
            "stderr": f"start-{number:02d}.err",
            "left": [],
            "taken": [],
            "before": arena.snapshots.take(f"snapshots/{number:02d}-before"),
            "after": None,
        }
        self._held: list[str] = []
        self._next_look = 0.0
        arena.evidence.document["starts"].append(self.entry)
        arena.watch.begin_start(self.entry)
        self._process: subprocess.Popen[bytes] = arena.launch(settings, f"start-{number:02d}")
        self.sampling: Sampling | None = None
        #: Whether one of its processes was killed as planned; then all are, and none is left behind by the bot.
        self.killed: Callable[[], bool] = lambda: False
        self.entry["pid"] = self._process.pid
        arena.journal.write("process", start=number, pid=self._process.pid)

    @property
    def running(self) -> bool:
        """False as soon as it has exited; what it left behind is then dealt with."""
        if self.entry["exit"] is None and self._process.poll() is not None:
            self._exited("signal" if self.entry["signals"] else "itself")
        return self.entry["exit"] is None

    def wait(self, until: Callable[[], bool], within: float) -> str:
        """Watch until something happened: ``done``, ``bot_ended`` when the bot ended first, or ``timeout``."""
        deadline = time.monotonic() + within
        while True:
            running = self.running
            self._arena.watch.poll(self.entry)
            if self.sampling is not None and running:
                self.sampling.look(self.entry, self._arena.watch.cycles)
            if running and self._arena.scenario["baseline"]:
                self._look_what_it_takes()
            if until():
                return "done"
            if not running:
                self._arena.check_stopping()  # a bot whose file system has died is not to blame
                return "bot_ended"
            if time.monotonic() >= deadline:
                return "timeout"
            self._arena.tick()

    def _look_what_it_takes(self) -> None:
        """Remember what it takes of its network: another copy of it cannot have the same."""
        if time.monotonic() >= self._next_look:
            taken = taken_by(self._arena.bot_processes())
            self.entry["taken"] = sorted(taken.union(self.entry["taken"]))
            self._next_look = time.monotonic() + _LOOK_WHAT_IT_TAKES

    def hold_in_mid_write(self, within: float) -> bool:
        """Stop the bot (SIGSTOP) at a moment when it writes a state file; False when there was none in time.

        It is stopped first and looked at then: what is seen is still true when the next signal arrives.
        """
        deadline = time.monotonic() + within
        folder = Path(self._arena.places["state_dir"])
        aim = Aim(self._arena.evidence.document["starts"], self._arena.watch.cycles)
        with system.WriteWatcher(folder) as writes:
            while self.running and time.monotonic() < deadline:
                if self._seems_to_write(writes):
                    if process.hold(self._process.pid):
                        opened = process.open_for_writing(self._process.pid, folder)
                        self._held = file_content.being_written(
                            opened, folder, self._process.pid, self._arena.tracked
                        )
                    if aim.takes(self._held, self._arena.watch.cycles):
                        return True
                    self._held = []
                    self._process.send_signal(signal.SIGCONT)
                self._arena.watch.poll(self.entry)
                self._arena.check_stopping()
        return False

    def _seems_to_write(self, writes: system.WriteWatcher) -> bool:
        """Wait a little for a write to the state folder, or for a transaction in a database.

        A transaction begins without a visible write, and is over soon after its first one.
        """
        databases = [tracked.path for tracked in self._arena.tracked if tracked.format == "sqlite"]
        if not databases:
            return writes.wait(INTERVAL)
        deadline = time.monotonic() + _TRANSACTIONS
        while time.monotonic() < deadline:
            if any(sqlite.being_written(self._process.pid, path) for path in databases):
                return True
            time.sleep(_TRANSACTION)
        return writes.wait(0.0)

    def send(self, name: str) -> None:
        """Send a signal to the bot's main process and remember when, and after how many cycles.

        ``writing``: the state files that it was in the middle of writing, where the signal was aimed at that.
        """
        self._arena.watch.poll(self.entry)
        self.entry["signals"].append(
            {
                "signal": name,
                "at": self._arena.evidence.now(),
                "after_cycles": self._arena.watch.cycles,
                "writing": self._held,
            }
        )
        self._held = []
        self._process.send_signal(getattr(signal, f"SIG{name}"))
        self._process.send_signal(signal.SIGCONT)  # a held bot must be able to handle it

    def end(self) -> None:
        """End it now, by us: the scenario is over or its deadline has passed."""
        if self.running:
            self._process.kill()
            try:
                self._process.wait(_KILLED_WITHIN)
            except subprocess.TimeoutExpired:  # it hangs in a file system, of ours or of its own
                self._arena.underneath.release()
                system.abort_own_disks([self._process.pid])
                self._process.wait()
            self._exited("engine")

    def _exited(self, by: str) -> None:
        arena, code = self._arena, self._process.wait()
        at = arena.evidence.now()
        signals = self.entry["signals"]
        self.entry["exit"] = {
            **split_exit(code),
            "at": at,
            "by": by,
            "after_signal": round(at - signals[-1]["at"], 4) if signals else None,
        }
        arena.watch.poll(self.entry)
        self._end_what_is_left()
        number = self.entry["n"]
        self.entry["after"] = arena.snapshots.take(f"snapshots/{number:02d}-after")
        arena.journal.write("exited", start=number, exit=self.entry["exit"])

    def _end_what_is_left(self) -> None:
        arena = self._arena
        family = arena.bot_processes()
        if self.killed():
            process.end_all(family)

        def none_left() -> bool:
            # The group as well: who forks and exits all the time is never one of those that were there before.
            return not any(map(process.alive, family)) and not arena.confinement.somebody_left()

        if not wait_until(none_left, _FOLLOW_WITHIN, 0.02):
            left = [member for member in arena.bot_processes() if process.alive(member)]
            self.entry["left"] = [process.describe(member) for member in left] or [_NEVER_STAYS]
            process.end_all(left)
        try:
            arena.confinement.end_bots()
        except OSError:  # as in ``end``: somebody hangs in a file system of ours
            arena.underneath.release()
            arena.confinement.end_bots()
