"""One start of a bot: from its command line to its exit, and what was seen in between."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from fleet_stress import system
from fleet_stress.observe import file_content
from fleet_stress.observe.processor_wait import ProcessorWait
from fleet_stress.observe.sampling import Sampling
from fleet_stress.observe.taken_names import taken_by
from fleet_stress.observe.watch import INTERVAL
from fleet_stress.scenario import mid_write, start_settings
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.main_process import MainProcess
from fleet_stress.scenario.stop_command import StopCommand
from fleet_stress.scenario.write_aim import Aim
from fleet_stress.store.deadline import wait_until
from fleet_stress.store.exit_words import could_end_others, exit_words
from fleet_stress.system import process, signals, tree

#: What was left behind by an earlier start is looked for again so long. Seconds.
_SEEN_AGAIN = 2.0
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
        known = arena.evidence.document
        number = known.get("taken_up", {"starts": 0})["starts"] + len(known["starts"]) + 1
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
            "processor": {"kept_waiting": None, "kept_waiting_to_stop": None},
            "before": arena.snapshots.take(f"snapshots/{number:02d}-before"),
            "after": None,
        }
        self._next_look = 0.0
        #: The state files that it, held still, was in the middle of writing.
        self._writing: list[str] = []
        self._held: list[psutil.Process] = []
        #: Where no signal asks it to stop.
        self._stopping: StopCommand | None = None
        arena.evidence.document["starts"].append(self.entry)
        arena.watch.begin_start(self.entry)
        started = arena.launch(settings, f"start-{number:02d}")
        self._main = MainProcess(
            started, arena.bot_daemon(), arena.processes.all, float(arena.bot["first_cycle_within"])
        )
        self.sampling: Sampling | None = None
        self._processor = ProcessorWait()
        #: How often faults had killed a bot of this scenario before.
        self._kills = arena.kills()
        self._know_main()

    @property
    def running(self) -> bool:
        """False as soon as it has exited; what it left behind is then dealt with."""
        if self.entry["exit"] is None:
            if self._arena.kills() > self._kills:  # one of its processes; the others go with it
                self._end("fault")
            elif (how := self._main.ended()) is not None:
                self._exited("signal" if self.entry["signals"] else "itself", how)
            else:
                self._know_main()
        return self.entry["exit"] is None

    def _know_main(self) -> None:
        if self.entry["pid"] != self._main.pid:
            self.entry["pid"] = self._arena.processes.main = self._main.pid
            self._arena.journal.write("process", start=self.entry["n"], pid=self._main.pid)

    def wait(self, until: Callable[[], bool], within: float) -> str:
        """Watch until something happened: ``done``, ``bot_ended`` when the bot ended first, or ``timeout``."""
        deadline = time.monotonic() + within
        while True:
            running = self.running
            self._arena.watch.poll(self.entry)
            if self.sampling is not None and running:
                self.sampling.look(self.entry, self._arena.watch.cycles)
            if running and self._processor.is_due:
                self._processor.look(self._arena.processes.now())
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
            taken = taken_by(self._arena.processes.now())
            self.entry["taken"] = sorted(taken.union(self.entry["taken"]))
            self._next_look = time.monotonic() + _LOOK_WHAT_IT_TAKES

    def hold_in_mid_write(self, within: float) -> bool:
        """Stop the whole bot (SIGSTOP) when one of its processes writes a state file; False: none did in time.

        It is stopped first and looked at then: what is seen is still true when the next signal arrives.
        """
        deadline = time.monotonic() + within
        folder, members = Path(self._arena.places["state_dir"]), self._arena.processes.now
        aim = Aim(self._arena.evidence.document["starts"], self._arena.watch.cycles)
        databases = [tracked.path for tracked in self._arena.tracked if tracked.format == "sqlite"]
        with system.WriteWatcher(folder) as writes:
            while self.running and time.monotonic() < deadline:
                if held := mid_write.hold(writes, members, databases):
                    opened = tree.open_for_writing(held, folder)
                    pids = [member.pid for member in held]
                    self._writing = file_content.being_written(opened, folder, pids, self._arena.tracked)
                    if aim.takes(self._writing, self._arena.watch.cycles):
                        self._held = held
                        return True
                    self._writing = []
                    tree.let_go(held)
                self._arena.watch.poll(self.entry)
                self._arena.check_stopping()
        return False

    def send(self, name: str) -> None:
        """Send a signal where a service manager sends it, and remember when, and after how many cycles.

        ``writing``: the state files that the bot was in the middle of writing, where the signal was aimed at that.
        """
        arena = self._arena
        arena.watch.poll(self.entry)
        to = signals.addressees(name, arena.bot.get("signals_to", "main"))
        sent = {
            "signal": name,
            "at": arena.evidence.now(),
            "after_cycles": arena.watch.cycles,
            "writing": self._writing,
            "to": to,
        }
        self.entry["signals"].append(sent)
        self._writing = []
        stopped_by = arena.bot.get("stopped_by")
        if name == "TERM" and stopped_by:
            name_of_output = f"stop-{self.entry['n']:02d}.out"
            self._stopping = StopCommand(arena, stopped_by, self.entry["settings"], name_of_output)
            sent |= {"to": next(iter(stopped_by)), "command": self._stopping.entry}
        else:
            signals.send(name, to, self._main.handle, arena.processes.now)
        tree.let_go(self._held)  # who was held must be able to handle it
        self._held = []
        self._processor.signalled(arena.processes.now())

    def asked(self, name: str) -> str:
        """What was done for a signal, in words; with what came of a command that takes its place."""
        stopping = self._stopping
        if name != "TERM" or stopping is None:
            return f"SIG{name}"
        how = stopping.entry["exit"]
        said = exit_words(how) if how else "it did not end either"
        return f"the command that stops it ({said}; see {stopping.entry['output']})"

    def end(self) -> None:
        """End it now, by us: the scenario is over or its deadline has passed."""
        if self.running:
            self._end("engine")

    def _end(self, by: str) -> None:
        signals.send("KILL", "all", self._main.handle, self._arena.processes.now)
        try:
            how = self._main.wait(_KILLED_WITHIN)
        except subprocess.TimeoutExpired:  # it hangs in a file system, of ours or of its own
            self._arena.underneath.release()
            system.abort_own_disks([self._main.pid])
            how = self._main.wait()
        self._exited(by, how)

    def _exited(self, by: str, how: Mapping[str, Any]) -> None:
        arena = self._arena
        at = arena.evidence.now()
        sent = self.entry["signals"]
        ended = self.entry["exit"] = {
            **how,
            "at": at,
            "by": by,
            "after_signal": round(at - sent[-1]["at"], 4) if sent else None,
        }
        self.entry["processor"] = self._processor.describe()
        if self._stopping is not None:
            self._stopping.over()
        arena.watch.poll(self.entry)
        arena.watch.questions.wait()
        ended["all_gone_at"] = self._end_what_is_left(self._patience() if could_end_others(ended) else 0.0)
        number = self.entry["n"]
        self.entry["after"] = arena.snapshots.take(
            f"snapshots/{number:02d}-after", since=self.entry["before"]
        )
        arena.journal.write("exited", start=number, exit=ended)

    def _patience(self) -> float:
        """Seconds that others of the bot may outlive its main process, before they count as left behind.

        As long as its profile says that it takes to stop; once some were, no longer than it takes to see them again.
        """
        earlier = self._arena.evidence.document["starts"][:-1]
        known = any(start["left"] and could_end_others(start["exit"]) for start in earlier)
        return _SEEN_AGAIN if known else float(self._arena.bot["stop_within"])

    def _end_what_is_left(self, within: float) -> float | None:
        """Wait for the others of the bot, and end who is left then; when all were gone, None: somebody was left."""
        arena = self._arena
        family = arena.processes.all()
        gone_at = float(self.entry["exit"]["at"])

        def none_left() -> bool:
            # The group as well: who forks and exits all the time is never one of those that were there before.
            return not any(map(process.alive, family)) and not arena.confinement.somebody_left()

        def none_left_now() -> bool:
            nonlocal gone_at
            arena.watch.poll(self.entry)  # they may still finish a cycle
            gone_at = arena.evidence.now()
            return none_left()

        gone = none_left() or wait_until(none_left_now, within, INTERVAL)
        if not gone:
            left = [member for member in arena.processes.all() if process.alive(member)]
            self.entry["left"] = [process.describe(member) for member in left] or [_NEVER_STAYS]
            process.end_all(left)
        try:
            arena.confinement.end_bots()
        except OSError:  # as in ``end``: somebody hangs in a file system of ours
            arena.underneath.release()
            arena.confinement.end_bots()
        return gone_at if gone else None
