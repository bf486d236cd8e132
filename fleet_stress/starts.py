"""One start of a bot: from its command line to its exit, and what was seen in between."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from fleet_stress import files, process
from fleet_stress.arena import Arena

#: What is left of a bot gets so long to follow it before it counts as left behind, in seconds.
_FOLLOW_WITHIN = 2.0


class Start:
    """A bot that runs (or ran) in an arena; its entry in ``evidence.starts`` is ``entry``."""

    def __init__(self, arena: Arena, settings: Mapping[str, Any]) -> None:
        """Start the bot. Raises OSError when the command line cannot be started at all."""
        self._arena = arena
        number = len(arena.evidence.document["starts"]) + 1
        argv = [files.fill(word, arena.places) for word in arena.bot["argv"]]
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
            "before": arena.snapshots.take(f"snapshots/{number:02d}-before"),
            "after": None,
        }
        arena.evidence.document["starts"].append(self.entry)
        arena.watch.begin_start()
        with self._output("stdout") as stdout, self._output("stderr") as stderr:
            self._process: subprocess.Popen[bytes] = process.start(
                argv,
                user=arena.user,
                folder=arena.folder / "bot",
                environment=arena.environment(settings),
                stdout=stdout,
                stderr=stderr,
            )
        self.entry["pid"] = self._process.pid
        arena.journal.write("process", start=number, pid=self._process.pid)

    def _output(self, stream: str) -> BinaryIO:
        path: Path = self._arena.evidence.folder / self.entry[stream]
        return path.open("wb")

    @property
    def running(self) -> bool:
        """False as soon as it has exited; what it left behind is then dealt with."""
        if self.entry["exit"] is None and self._process.poll() is not None:
            self._exited("signal" if self.entry["signals"] else "itself")
        return self.entry["exit"] is None

    def wait(self, until: Callable[[], bool], within: float) -> str:
        """Watch until something happened: ``done``, ``bot_ended`` when the bot was faster, or ``timeout``."""
        deadline = time.monotonic() + within
        while True:
            running = self.running
            self._arena.watch.poll(self.entry)
            if until():
                return "done"
            if not running:
                return "bot_ended"
            if time.monotonic() >= deadline:
                return "timeout"
            self._arena.tick()

    def send(self, name: str) -> None:
        """Send a signal to the bot's main process and remember when, and after how many cycles."""
        self._arena.watch.poll(self.entry)
        self.entry["signals"].append(
            {
                "signal": name,
                "at": self._arena.evidence.now(),
                "after_cycles": self._arena.watch.cycles,
            }
        )
        self._process.send_signal(getattr(signal, f"SIG{name}"))

    def end(self) -> None:
        """End it now, by us: the scenario is over or its deadline has passed."""
        if self.running:
            self._process.kill()
            self._process.wait()
            self._exited("engine")

    def _exited(self, by: str) -> None:
        arena, code = self._arena, self._process.wait()
        at = arena.evidence.now()
        signals = self.entry["signals"]
        self.entry["exit"] = {
            "code": code if code >= 0 else None,
            "signal": process.signal_name(-code) if code < 0 else None,
            "at": at,
            "by": by,
            "after_signal": round(at - signals[-1]["at"], 4) if signals else None,
        }
        arena.watch.poll(self.entry)
        self._deal_with_what_is_left()
        number = self.entry["n"]
        self.entry["after"] = arena.snapshots.take(f"snapshots/{number:02d}-after")
        arena.journal.write("exited", start=number, exit=self.entry["exit"])

    def _deal_with_what_is_left(self) -> None:
        deadline = time.monotonic() + _FOLLOW_WITHIN
        left = self._arena.bot_processes()
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = [one for one in left if process.alive(one)]
        self.entry["left"] = [process.describe(one) for one in left]
        process.end_all(left)
