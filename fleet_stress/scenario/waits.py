"""The step ``wait``: until the bot, the fault or a person has done something."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.observe.line_counter import NewLines
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.blocked_bot import BlockedBot
from fleet_stress.scenario.cable_prompt import Cable
from fleet_stress.scenario.current_bot import CurrentBot
from fleet_stress.scenario.early_end import CutShort
from fleet_stress.scenario.hearing import logs, outputs
from fleet_stress.scenario.quiet import Quiet
from fleet_stress.scenario.raised_again import RaisedAgain
from fleet_stress.scenario.step_summary import summary
from fleet_stress.scenario.told_waits import TOLD, ToldWaits

_Arguments = Mapping[str, Any]
#: The share of a deadline after which one hit is enough where only the bot's words tell of hits.
_NEARLY = 0.9


class Waits:
    """The waits of one scenario."""

    def __init__(self, arena: Arena, bot: CurrentBot, faults: Sequence[AppliedFault]) -> None:
        """``faults`` are the active ones, always up to date."""
        self._arena, self._bot, self._faults = arena, bot, faults
        self._cable: Cable | None = None
        #: What the bot says of its data. It has to be told of each outage and each start.
        self.told = ToldWaits(arena, bot, faults)

    def run(self, arguments: _Arguments) -> str:
        """Wait as one step says. Raises CutShort when it does not happen."""
        try:
            return self._run(arguments)
        except CutShort as cut:
            if arguments.get("may_end") and cut.args[0] == "bot_ended":
                return "done"
            raise

    def _run(self, arguments: _Arguments) -> str:
        until, watch, outcome = arguments["until"], self._arena.watch, "done"
        if until == "more_cycles":
            # Applying or reverting a fault takes time: what the bot did meanwhile it did not do afterwards.
            self._bot.poll()
        if until in ("first_cycle", "cycles", "more_cycles"):
            cycles = 1 if until == "first_cycle" else int(arguments["cycles"])
            cycles += watch.cycles if until == "more_cycles" else 0
            within = float(arguments["within"])
            if "at_most" in arguments:
                self._bot.await_event_or_time(
                    lambda: watch.cycles >= cycles, summary("wait", arguments), within
                )
            elif arguments.get("may_block"):
                self._until_cycles_or_blocked(cycles, arguments)
            else:
                self._until_or_ended(lambda: watch.cycles >= cycles, summary("wait", arguments), arguments)
        elif until == "met":
            self._until_hit(arguments)
        elif until == "samples":
            enough = self._bot.samples() + int(arguments["cycles"])
            self._bot.await_event(
                lambda: self._bot.samples() >= enough,
                summary("wait", arguments),
                float(arguments["within"]),
                late="not_met",  # they are ours to take
            )
        elif until in TOLD:
            outcome = self.told.run(until, arguments)
        elif until == "exit":
            start = self._bot.started()
            self._until_or_ended(lambda: not start.running, "wait for the bot to exit", arguments)
        elif until in ("link_down", "link_up"):
            self._until_cable(until, arguments)
        self._bot.pass_time(float(arguments["then"]))
        return outcome

    def _until_or_ended(self, happened: Callable[[], bool], what: str, arguments: _Arguments) -> None:
        """Until it happened or, where the bot may have ended by itself, the fault ends it again and again."""
        start, within = self._bot.started(), float(arguments["within"])
        if not arguments.get("may_end"):
            self._bot.await_event(happened, what, within)
            return
        again = RaisedAgain(self._faults)
        self._bot.await_event(lambda: happened() or again(), what, within)
        if start.running and not happened():
            self._arena.evidence.note(f"start {start.entry['n']}: {again.told()}")
            start.send("KILL")
            self._bot.await_event(lambda: not start.running, "wait for the bot to exit", within)

    def _until_cycles_or_blocked(self, cycles: int, arguments: _Arguments) -> None:
        """Until so many cycles are finished, or the bot stands still because it waits for what a fault took away.

        That is the fault's own doing: it is noted, and the scenario goes on.
        """
        start, watch, what = self._bot.started(), self._arena.watch, summary("wait", arguments)
        blocked = BlockedBot(self._faults, self._arena.evidence.document["starts"], lambda: watch.cycles)
        outcome = start.wait(lambda: watch.cycles >= cycles or blocked(), float(arguments["within"]))
        if outcome == "bot_ended":
            raise CutShort("bot_ended", f"{what}: the bot ended before")
        if watch.cycles < cycles:
            why = (
                blocked.told() if outcome == "done" else f"it did not happen within {arguments['within']:g} s"
            )
            self._arena.evidence.note(f"advice: start {start.entry['n']} stood still ({what}): {why}")

    def _until_cable(self, until: str, arguments: _Arguments) -> None:
        """A person pulls the host's own cable or puts it back: asked for in the journal, seen by the link."""
        arena, evidence = self._arena, self._arena.evidence
        if self._cable is None:
            self._cable = Cable()
        cable = self._cable
        if cable.link is None:
            raise CutShort("error", "this host has no default route, so the cable to pull is unknown")
        (self.told.fault_begins if until == "link_down" else self.told.fault_ends)("unplugged")
        arena.journal.write("operator", scenario=arena.scenario["id"], asked=cable.request(until))
        within = float(arguments["within"])
        self._bot.await_event(lambda: cable.is_as(until), summary("wait", arguments), within)
        if until == "link_down":
            evidence.document["faults"].append(cable.pulled(evidence.now(), self._bot.started().entry["n"]))
        else:
            cable.put_back(evidence.now())

    def _until_hit(self, arguments: _Arguments) -> None:
        """The bot is hit: as often as the faults see it, or as the bot says so (``hits_by_message``)."""
        count, messages, hits = int(arguments["cycles"]), 0, 0
        quiet = Quiet(arguments.get("not_hit_in"), self._arena.watch.cycles)
        any_by_message = any(applied.fault.hits_by_message for applied in self._faults)
        new_lines = self._write_failures() if any_by_message else []

        what = summary("wait", arguments)

        def hit() -> bool:
            nonlocal messages, hits
            cannot = next(filter(None, (applied.fault.cannot_hit() for applied in self._faults)), None)
            if cannot:
                raise CutShort("not_met", f"{what}: {cannot}")
            messages += sum(lines.more()[0] for lines in new_lines)
            hits = max(sum(applied.fault.hits() for applied in self._faults), messages)
            if hits < count and quiet.look(hits, self._arena.watch.cycles):
                raise CutShort("not_met", f"{what}: {quiet.told(hits)}")
            return hits >= count

        try:
            within = float(arguments["within"])
            # Many say once that something begins to fail, and nothing more until it works again.
            by_its_words = not any(applied.fault.counts_hits for applied in self._faults)
            late = time.monotonic() + _NEARLY * within

            def told() -> bool:
                return hit() or (by_its_words and hits > 0 and time.monotonic() >= late)

            self._bot.await_event(told, what, within, late="not_met")
            if hits < count:
                self._arena.evidence.note(f"{what}: it told of {hits}, and of no more")
        finally:
            for lines in new_lines:
                lines.close()

    def _write_failures(self) -> list[NewLines]:
        """What the bot prints and logs from now on, as lines that match its message of a failed write."""
        pattern = (self._arena.bot.get("messages") or {}).get("write_failed")
        places = [*outputs(self._arena), *logs(self._arena)] if pattern else []
        return [NewLines(path, str(pattern)) for path in places]
