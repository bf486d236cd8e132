"""The verbs that a scenario is made of. Each step is written to the journal and to the evidence."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleet_stress.faults import FAULTS
from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.observe import bot_files, page_probe
from fleet_stress.observe.line_counter import NewLines
from fleet_stress.observe.sampling import Sampling
from fleet_stress.scenario.arena import Arena, ArenaFailed
from fleet_stress.scenario.bot_start import Start
from fleet_stress.scenario.cable_prompt import Cable
from fleet_stress.scenario.crash_points.visits import Visits
from fleet_stress.scenario.scenario_command import Command
from fleet_stress.store.contract import OUTPUTS, ends_within
from fleet_stress.store.exit_words import exit_words

_Arguments = Mapping[str, Any]


class CutShort(Exception):
    """The scenario cannot go on: what it waits for did not happen. The judge says whose fault that is."""


class Steps:
    """Runs the steps of one scenario in its arena."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._start: Start | None = None
        self._faults: list[AppliedFault] = []
        self._every: float | None = None
        self._cable: Cable | None = None
        self._verbs: dict[str, Callable[[_Arguments], str]] = {
            "start": self._do_start,
            "wait": self._do_wait,
            "signal": self._do_signal,
            "fault": self._do_fault,
            "lift": self._do_lift,
            "sample": self._do_sample,
            "probe": self._do_probe,
            "command": self._do_command,
            "visit": self._do_visit,
            "under": self._do_under,
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
        failures: list[Exception] = []
        try:
            if self._start is not None:
                self._start.end()
        except Exception as problem:
            failures.append(problem)
        while self._faults:
            try:
                self._revert(self._faults.pop())
            except Exception as problem:  # what was applied before it must be taken back all the same
                failures.append(problem)
        if failures:
            raise failures[0]

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
            if self._every is not None:
                self._start.sampling = Sampling(self._arena.evidence, self._every)
        except (OSError, subprocess.SubprocessError) as problem:
            argv = " ".join(self._arena.bot["argv"])
            raise ArenaFailed(
                f"the bot's command line cannot be started: {argv}: {problem}; correct argv in its profile"
            ) from problem
        return "done"

    def _do_wait(self, arguments: _Arguments) -> str:
        until, watch = arguments["until"], self._arena.watch
        if until == "more_cycles" and self._start is not None and self._start.running:
            # Applying or lifting a fault takes its time: what the bot did meanwhile it did not do afterwards.
            watch.poll(self._start.entry)
        if until in ("first_cycle", "cycles", "more_cycles"):
            cycles = 1 if until == "first_cycle" else int(arguments["cycles"])
            cycles += watch.cycles if until == "more_cycles" else 0
            self._expect_event(lambda: watch.cycles >= cycles, _told("wait", arguments), arguments)
        elif until == "met":
            self._wait_for_the_fault(arguments)
        elif until == "exit":
            start = self._running_start()
            self._expect_event(lambda: not start.running, "wait for the bot to exit", arguments)
        elif until in ("link_down", "link_up"):
            self._wait_for_hand(until, arguments)
        self._pass_time(float(arguments["then"]))
        return "done"

    def _wait_for_hand(self, until: str, arguments: _Arguments) -> None:
        """A person pulls the host's own cable or puts it back: told in the journal, seen by the link."""
        arena, evidence = self._arena, self._arena.evidence
        if self._cable is None:
            self._cable = Cable()
        cable = self._cable
        if cable.link is None:
            raise CutShort(
                "error", "this host has no default route, so it cannot be told which cable is meant"
            )
        arena.journal.write("operator", scenario=arena.scenario["id"], asked=cable.asked(until))
        self._expect_event(lambda: cable.is_as(until), _told("wait", arguments), arguments)
        if until == "link_down":
            evidence.document["faults"].append(cable.pulled(evidence.now(), self._running_start().entry["n"]))
        else:
            cable.put_back(evidence.now())

    def _wait_for_the_fault(self, arguments: _Arguments) -> None:
        """The bot is hit: as often as the faults see it, or as the bot says so (``hits_by_message``)."""
        count, told = int(arguments["cycles"]), 0
        pattern = (self._arena.bot.get("messages") or {}).get("write_failed")
        by_message = any(applied.fault.hits_by_message for applied in self._faults)
        lines = []
        if pattern and by_message:
            told_in = [self._arena.evidence.folder / self._running_start().entry[name] for name in OUTPUTS]
            told_in += [one.path for one in self._arena.tracked if one.format == "text"]
            lines = [NewLines(one, str(pattern)) for one in told_in]

        def met() -> bool:
            nonlocal told
            told += sum(one.more()[0] for one in lines)
            return max(sum(applied.fault.hits() for applied in self._faults), told) >= count

        try:
            self._expect_event(met, _told("wait", arguments), arguments, "not_met")
        finally:
            for one in lines:
                one.close()

    def _expect_event(
        self, until: Callable[[], bool], told: str, arguments: _Arguments, otherwise: str = "timeout"
    ) -> None:
        start = self._running_start()
        within = float(arguments["within"])
        outcome = start.wait(until, within)
        if outcome == "timeout":
            start.end()
            raise CutShort(otherwise, f"{told}: it did not happen within {within:g} s")
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
        if arguments["aim"] and not start.hold_in_mid_write(float(arguments["within"])):
            ended = not start.running
            start.end()
            told = "the bot ended by itself before" if ended else f"not within {arguments['within']:g} s"
            raise CutShort("bot_ended" if ended else "timeout", f"SIG{name} in mid-write: {told}")
        start.send(name)
        within = ends_within(self._arena.bot)
        if start.wait(lambda: not start.running, within) == "timeout":
            start.end()
            raise CutShort("timeout", f"the bot still ran {within:g} s after SIG{name}")
        return "done"

    def _do_fault(self, arguments: _Arguments) -> str:
        arena, kind = self._arena, FAULTS[arguments["fault"]]
        start = self._start.entry["n"] if self._start is not None else None
        # Applying takes its time. What the bot did before it did not do under the fault.
        if self._start is not None and self._start.running:
            arena.watch.poll(self._start.entry)
        applied = AppliedFault(
            kind, arena.site(), arguments["args"], arena.undo, at=arena.evidence.now(), start=start
        )
        applied.entry["stands_from"] = arena.evidence.now()
        arena.evidence.document["faults"].append(applied.entry)
        if kind.lasting:
            self._faults.append(applied)
        else:
            applied.revert(arena.evidence.now())
        return "done"

    def _do_lift(self, arguments: _Arguments) -> str:
        applied = next(applied for applied in self._faults if applied.fault.name == arguments["fault"])
        self._faults.remove(applied)
        self._revert(applied)
        return "done"

    def _revert(self, applied: AppliedFault) -> None:
        arena = self._arena
        arena.journal.write("fault_lifted", fault=applied.fault.name)
        applied.revert(arena.evidence.now())

    def _do_sample(self, arguments: _Arguments) -> str:
        self._every = float(arguments["every"])
        if self._start is not None:
            self._start.sampling = Sampling(self._arena.evidence, self._every)
        return "done"

    def _do_probe(self, arguments: _Arguments) -> str:
        arena = self._arena
        probes = arena.evidence.document["probes"]
        entry: dict[str, Any] = {
            "n": len(probes) + 1,
            "page": arguments["page"],
            "at": arena.evidence.now(),
            "standing": [applied.fault.name for applied in self._faults],
            "output": f"probe-{len(probes) + 1:02d}.out",
        }
        probes.append(entry)
        entry.update(
            page_probe.ask(
                arena.bot["web"],
                arguments["path"],
                python=arena.bot["python"],
                user=arena.user,
                folder=arena.folder / "bot",
                environment=arena.environment({}),
                output=arena.evidence.folder / entry["output"],
                within=float(arguments["within"]),
            )
        )
        return "done"

    def _do_command(self, arguments: _Arguments) -> str:
        """The scenario's own means: where it does not end as it should, the bot is not to blame."""
        arena, expected = self._arena, int(arguments["exit_code"])
        if not arena.allow_commands:
            raise ArenaFailed(
                "the scenario runs a command, and the plan does not say allow_commands: -e allow_commands=true"
            )
        commands = arena.evidence.document["commands"]
        name = f"command-{len(commands) + 1:02d}"
        argv = [bot_files.fill(word, arena.places) for word in arguments["argv"]]
        command = Command(argv, f"{arena.mark}/{name}", arena.evidence.folder / f"{name}.out")
        commands.append(command.entry)
        command.entry.update(n=len(commands), at=arena.evidence.now())
        told = f"{name} ({' '.join(argv)[:100]})"
        try:
            command.run(
                user=arena.user,
                folder=arena.folder / "bot",
                environment=arena.environment({}),
                within=float(arguments["within"]),
                tick=self._look_meanwhile,
                started=arena.beside,
            )
        except (OSError, subprocess.SubprocessError) as problem:
            raise ArenaFailed(
                f"{told} cannot be started: {problem}; correct its argv in the scenario"
            ) from problem
        finally:
            command.entry["seconds"] = round(arena.evidence.now() - command.entry["at"], 4)
        if command.entry["ended"] != "itself":
            raise ArenaFailed(
                f"{told} did not end within {arguments['within']:g} s; give it a longer `within`"
            )
        ended = command.entry["exit"]
        if ended["code"] != expected:
            how = exit_words(ended)
            raise ArenaFailed(
                f"{told} ended with {how}, where exit code {expected} was expected; see {name}.out"
            )
        return "done"

    def _do_visit(self, arguments: _Arguments) -> str:
        """All points of a cycle, each in an arena of its own."""
        arena = self._arena
        if self._start is not None and self._start.running:
            raise ArenaFailed("the scenario visits points while the bot runs; end it first")

        def told(how_far: str) -> None:
            arena.journal.write(
                "step", path=arena.evidence.document["steps"][-1]["path"], verb="visit", detail=how_far
            )

        visits = Visits(arena, arguments, told)
        arena.evidence.document["visits"].append(visits.entry)
        visits.run()
        return "done"

    def _do_under(self, arguments: _Arguments) -> str:
        """Steps under a file system that may kill the bot: that ends them, and was to be."""
        steps = arguments["steps"]
        try:
            self.run(steps, f"{self._arena.evidence.document['steps'][-1]['path']}.")
        except CutShort:
            if self._start is None or self._start.running or not self._killed():
                raise
            return "killed"
        return "done"

    def _killed(self) -> bool:
        """Whether an active fault has killed the bot, as it was to."""
        ended = (self._start.entry["exit"] if self._start else None) or {}
        return ended.get("signal") == "KILL" and any(applied.fault.hits() for applied in self._faults)

    def _look_meanwhile(self) -> None:
        """A bot that runs is watched as ever."""
        if self._start is not None and self._start.running:
            self._arena.watch.poll(self._start.entry)
            if self._start.sampling is not None:
                self._start.sampling.look(self._start.entry, self._arena.watch.cycles)
        self._arena.tick()

    def _running_start(self) -> Start:
        if self._start is None:
            raise ArenaFailed("the scenario waits for a bot that it never started; put a start step first")
        return self._start


def _told(verb: str, arguments: _Arguments) -> str:
    """A step in a few words, for the journal, the page and the terminal."""
    if verb == "signal":
        return f"send SIG{arguments['signal']}"
    if verb in ("fault", "lift"):
        return f"{verb} {arguments['fault']}"
    if verb == "command":
        return f"command {arguments['argv'][0]}"
    if verb == "visit":
        return "visit the points of a cycle"
    if verb == "probe":
        return f"probe {arguments['page']}"
    if verb == "wait" and arguments["until"] == "cycles":
        return f"wait for cycle {arguments['cycles']}"
    if verb == "wait" and arguments["until"] == "more_cycles":
        return f"wait for {arguments['cycles']} more cycles"
    if verb == "wait" and arguments["until"] == "met":
        return f"wait for the bot to meet the fault {arguments['cycles']} times"
    if verb == "wait":
        return f"wait for {str(arguments['until'] or arguments['then']).replace('_', ' ')}"
    return verb
