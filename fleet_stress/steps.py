"""The verbs that a scenario is made of. Each step is written to the journal and to the evidence."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleet_stress.arena import Arena, ArenaFailed
from fleet_stress.faults import FAULTS
from fleet_stress.faults.applying import Applied
from fleet_stress.faults.protocol import Site
from fleet_stress.starts import Start

_Arguments = Mapping[str, Any]


class CutShort(Exception):
    """The scenario cannot go on: what it waits for did not happen. The judge says whose fault that is."""


class Steps:
    """Runs the steps of one scenario in its arena."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._start: Start | None = None
        self._applied: list[Applied] = []
        self._verbs: dict[str, Callable[[_Arguments], str]] = {
            "start": self._do_start,
            "wait": self._do_wait,
            "signal": self._do_signal,
            "fault": self._do_fault,
        }

    def run(self, steps: Sequence[Mapping[str, Any]], path: str = "") -> None:
        """Run steps in order; ``path`` is where they stand (``5.3.`` in the third round of step 5).

        Raises CutShort when one did not end as it should, Stopped when the run is being stopped.
        """
        for number, step in enumerate(steps, start=1):
            here = f"{path}{number}"
            if step["verb"] == "repeat":
                for round_ in range(1, step["args"]["times"] + 1):
                    self.run(step["args"]["steps"], f"{here}.{round_}.")
            else:
                self._run_one(here, step["verb"], step["args"])

    def finish(self) -> None:
        """End the bot if it still runs and take back what still stands; repeatable."""
        if self._start is not None:
            self._start.end()
        while self._applied:
            self._applied.pop().revert()

    def _run_one(self, path: str, verb: str, arguments: _Arguments) -> None:
        evidence = self._arena.evidence
        entry: dict[str, Any] = {"path": path, "verb": verb, "at": evidence.now()}
        evidence.document["steps"].append(entry)
        self._arena.journal.write("step", path=path, verb=verb, detail=_told(verb, arguments))
        outcome, detail = "error", ""
        try:
            outcome = self._verbs[verb](arguments)
            detail = _told(verb, arguments)
        except CutShort as problem:
            outcome, detail = str(problem.args[0]), str(problem.args[1])
            raise
        except Exception as problem:
            detail = str(problem)
            raise
        finally:
            entry["seconds"] = round(evidence.now() - entry["at"], 4)
            entry["outcome"], entry["detail"] = outcome, detail

    def _do_start(self, arguments: _Arguments) -> str:
        if self._start is not None and self._start.running:
            raise ArenaFailed("the scenario starts the bot while it runs; end it first")
        try:
            self._start = Start(self._arena, arguments["settings"])
        except (OSError, subprocess.SubprocessError) as problem:
            argv = " ".join(self._arena.bot["argv"])
            raise ArenaFailed(f"the bot's command line cannot be started: {argv}: {problem}") from problem
        return "done"

    def _do_wait(self, arguments: _Arguments) -> str:
        until, watch = arguments["until"], self._arena.watch
        if until in ("first_cycle", "cycles"):
            cycles = 1 if until == "first_cycle" else int(arguments["cycles"])
            self._expect_event(lambda: watch.cycles >= cycles, _told("wait", arguments), arguments)
        elif until == "exit":
            start = self._running_start()
            self._expect_event(lambda: not start.running, "wait for the bot to exit", arguments)
        self._pass_time(float(arguments["then"]))
        return "done"

    def _expect_event(self, until: Callable[[], bool], told: str, arguments: _Arguments) -> None:
        start = self._running_start()
        within = float(arguments["within"])
        outcome = start.wait(until, within)
        if outcome == "timeout":
            start.end()
            raise CutShort("timeout", f"{told}: it did not happen within {within:g} s")
        if outcome == "bot_ended":
            raise CutShort("bot_ended", f"{told}: the bot ended before")

    def _pass_time(self, seconds: float) -> None:
        """Let time pass after an event; a bot that was alive at its beginning has to stay alive."""
        if seconds <= 0:
            return
        deadline = time.monotonic() + seconds
        if self._start is None or not self._start.running:
            while time.monotonic() < deadline:
                self._arena.tick()
        elif self._start.wait(lambda: time.monotonic() >= deadline, seconds + 60) == "bot_ended":
            raise CutShort(
                "bot_ended", f"the bot ended by itself within the {seconds:g} s that it had to run"
            )

    def _do_signal(self, arguments: _Arguments) -> str:
        start, name = self._running_start(), arguments["signal"]
        if not start.running:
            raise CutShort("bot_ended", f"the bot ended by itself before SIG{name}")
        start.send(name)
        within = float(self._arena.bot["stop_within"]) * 3 + 30
        if start.wait(lambda: not start.running, within) == "timeout":
            start.end()
            raise CutShort("timeout", f"the bot still ran {within:g} s after SIG{name}")
        return "done"

    def _do_fault(self, arguments: _Arguments) -> str:
        arena = self._arena
        site = Site(arena.places, {one.role: one for one in arena.tracked}, arena.user)
        entry: dict[str, Any] = {"at": arena.evidence.now(), "start": None}
        if self._start is not None:
            entry["start"] = self._start.entry["n"]
        applied = Applied(FAULTS[arguments["fault"]], site, arguments["args"], arena.undo)
        self._applied.append(applied)
        entry.update(applied.evidence())
        arena.evidence.document["faults"].append(entry)
        return "done"

    def _running_start(self) -> Start:
        if self._start is None:
            raise ArenaFailed("the scenario waits for a bot that it never started; put a start step first")
        return self._start


def _told(verb: str, arguments: _Arguments) -> str:
    """A step in a few words, for the journal and the page."""
    if verb == "signal":
        return f"send SIG{arguments['signal']}"
    if verb == "fault":
        return f"fault {arguments['fault']}"
    if verb == "wait" and arguments["until"] == "cycles":
        return f"wait for cycle {arguments['cycles']}"
    if verb == "wait":
        return f"wait for {str(arguments['until'] or arguments['then']).replace('_', ' ')}"
    return verb
