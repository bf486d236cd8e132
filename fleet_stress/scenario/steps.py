"""The verbs that a scenario is made of. Each step is written to the journal and to the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleet_stress.faults import FAULTS
from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.observe import page_probe
from fleet_stress.observe.explained_memory import ExplainedMemory
from fleet_stress.scenario import scenario_command
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.crash_points.visits import Visits
from fleet_stress.scenario.current_bot import CurrentBot
from fleet_stress.scenario.early_end import ArenaFailed, CutShort
from fleet_stress.scenario.grown_logs import left_as_grown
from fleet_stress.scenario.piling_up import files_pile_up
from fleet_stress.scenario.sent_signals import SentSignals
from fleet_stress.scenario.step_summary import summary
from fleet_stress.scenario.waits import Waits

_Arguments = Mapping[str, Any]


class Steps:
    """Runs the steps of one scenario in its arena."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._bot = CurrentBot(arena)
        #: The active ones, in the order in which they were applied.
        self._faults: list[AppliedFault] = []
        self._explained: ExplainedMemory | None = None
        self._looks = 0
        self._waits = Waits(arena, self._bot, self._faults)
        arena.kills = lambda: sum(applied.fault.kills() for applied in self._faults)
        self._verbs: dict[str, Callable[[_Arguments], str]] = {
            "start": self._do_start,
            "wait": self._waits.run,
            "signal": SentSignals(arena, self._bot).run,
            "fault": self._do_fault,
            "lift": self._do_lift,
            "sample": self._do_sample,
            "look": self._do_look,
            "probe": self._do_probe,
            "command": self._do_command,
            "visit": self._do_visit,
            "under": self._do_under,
            "unless_logged": self._do_unless_logged,
        }

    def run(self, steps: Sequence[Mapping[str, Any]], path: str = "") -> None:
        """Run steps in order; ``path`` is their place in the scenario (``5.3.`` in the third round of step 5).

        Raises CutShort when one did not end as it should, Stopped when the run is being stopped.
        """
        for number, step in enumerate(steps, start=1):
            here = f"{path}{number}"
            if step["verb"] == "repeat":
                times = step["args"]["times"]
                for round_ in range(1, max(times, step["args"].get("up_to", times)) + 1):
                    if round_ > times and not files_pile_up(self._arena.evidence.document):
                        break
                    self.run(step["args"]["steps"], f"{here}.{round_}.")
            else:
                self._run_step(here, step["verb"], step["args"])

    def finish(self) -> None:
        """End the bot if it still runs and revert the faults that are still active; repeatable."""
        failures: list[Exception] = []
        self._waits.told.close()
        try:
            self._bot.end()
        except Exception as problem:
            failures.append(problem)
        if self._explained is not None:
            document = self._arena.evidence.document
            try:
                document["memory_lines"] = self._explained.found(document["clock"], self._arena.places)
            except OSError as problem:
                failures.append(problem)
        while self._faults:
            try:
                self._revert(self._faults.pop())
            except Exception as problem:  # what was applied before it must be reverted all the same
                failures.append(problem)
        if failures:
            raise failures[0]

    def _run_step(self, path: str, verb: str, arguments: _Arguments) -> None:
        evidence = self._arena.evidence
        entry: dict[str, Any] = {"path": path, "verb": verb, "at": evidence.now()}
        evidence.document["steps"].append(entry)
        self._arena.journal.write("step", path=path, verb=verb, detail=summary(verb, arguments))
        outcome, detail = "error", ""
        try:
            outcome = self._verbs[verb](arguments)
            detail = summary(verb, arguments)
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
        self._bot.launch(arguments["settings"])
        self._waits.told.bot_starts()
        return "done"

    def _do_fault(self, arguments: _Arguments) -> str:
        arena, kind = self._arena, FAULTS[arguments["fault"]]
        start = self._bot.start.entry["n"] if self._bot.start is not None else None
        self._bot.poll()  # applying takes time, and what the bot did before it did not do under the fault
        self._waits.told.fault_begins(kind.name)
        applied = AppliedFault(
            kind, arena.site(), arguments["args"], arena.undo, at=arena.evidence.now(), start=start
        )
        applied.entry["stands_from"] = arena.evidence.now()
        arena.evidence.document["faults"].append(applied.entry)
        if kind.silences(arena.bot, arguments["args"]):
            arena.watch.rewrites.silence(True, at_once=not kind.of_next_start)
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
        self._waits.told.fault_ends(applied.fault.name)
        applied.revert(arena.evidence.now())
        fault = applied.fault
        if fault.silences(arena.bot, fault.arguments):
            arena.watch.rewrites.silence(False, at_once=not fault.of_next_start)

    def _do_sample(self, arguments: _Arguments) -> str:
        arena = self._arena
        if arena.explain_memory and self._explained is None:
            site = arena.site()
            self._explained = ExplainedMemory(site.scratch, site.next_start.environment, site.user.uid)
        self._bot.sample(float(arguments["every"]))
        return "done"

    def _do_look(self, arguments: _Arguments) -> str:
        if arguments["what"] == "processes":
            self._arena.processes.remember()
            return "done"
        self._looks += 1
        self._arena.snapshots.take(f"snapshots/look-{self._looks:04d}")
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
                environment=arena.environment.of_bot({}),
                output=arena.evidence.folder / entry["output"],
                within=float(arguments["within"]),
            )
        )
        return "done"

    def _do_command(self, arguments: _Arguments) -> str:
        scenario_command.run_step(self._arena, arguments, self._bot.tick)
        return "done"

    def _do_visit(self, arguments: _Arguments) -> str:
        """All points of a cycle, each in an arena of its own."""
        arena = self._arena
        if self._bot.running:
            raise ArenaFailed("the scenario visits points while the bot runs; end it first")

        def report(progress: str) -> None:
            path = arena.evidence.document["steps"][-1]["path"]
            arena.journal.write("step", path=path, verb="visit", detail=progress)

        visits = Visits(arena, arguments, report)
        arena.evidence.document["visits"].append(visits.entry)
        visits.run()
        return "done"

    def _do_under(self, arguments: _Arguments) -> str:
        """Steps under a file system that may kill the bot: its death ends them as planned."""
        steps = arguments["steps"]
        try:
            self.run(steps, f"{self._arena.evidence.document['steps'][-1]['path']}.")
        except CutShort:
            if self._bot.running or not self._killed():
                raise
            return "killed"
        return "done"

    def _do_unless_logged(self, arguments: _Arguments) -> str:
        """Steps that give the bot something to log: only where it has left the logs that have grown as they were."""
        if not left_as_grown(self._arena.evidence.document, self._arena.tracked):
            return "not_needed"
        self.run(arguments["steps"], f"{self._arena.evidence.document['steps'][-1]['path']}.")
        return "done"

    def _killed(self) -> bool:
        """Whether an active fault has killed the bot, as planned."""
        ended = (self._bot.start.entry["exit"] if self._bot.start else None) or {}
        return ended.get("by") == "fault"
