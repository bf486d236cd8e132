"""Waits for what a bot says: that its data are live, that it noticed an outage, that they are live again.

None of these has to happen: a wait that is over is a step ``not_seen``, and what follows from it is for the judge.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.observe.pace import patience
from fleet_stress.observe.watch import MOST_CYCLES
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.current_bot import CurrentBot
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.scenario.hearing import Hearing, is_live
from fleet_stress.scenario.step_summary import summary
from fleet_stress.store.contract import OUTAGES

#: The events of such waits.
TOLD = ("live", "noticed", "live_again")
#: A wait that is over at its own deadline looks at it between two polls. Seconds.
_GRACE = 60.0
#: Cycles after which a fault that counts the bot's hits, and has none, is not waited for any more.
_UNMET = 5
_Arguments = Mapping[str, Any]


class ToldWaits:
    """Those of one scenario; it is told of each outage and each start."""

    def __init__(self, arena: Arena, bot: CurrentBot, faults: Sequence[AppliedFault]) -> None:
        """``faults`` are the active ones, always up to date."""
        self._arena, self._bot, self._faults = arena, bot, faults
        self._hearing: Hearing | None = None
        #: Kinds of lines that were new in an outage: a bot says the same of the next one.
        self._of_outages: set[bytes] = set()
        #: Whether a wait for the bot to notice a fault was in vain: later ones are not waited for, nor judged.
        self._deaf = False
        #: Outages that have hit the bot already: it will meet another of their kind.
        self._met: set[str] = set()

    def fault_begins(self, name: str) -> None:
        """A fault is about to be applied; where it cuts the bot off, what the bot says from now on is heard."""
        if name in OUTAGES:
            self.close()
            self._hearing = Hearing(self._arena, self._of_outages)

    def fault_ends(self, name: str) -> None:
        """A fault is about to be reverted."""
        self._met |= {
            applied.fault.name
            for applied in self._faults
            if applied.fault.name == name and applied.fault.counts_hits and applied.fault.hits()
        }
        if name in OUTAGES and self._hearing is not None:
            self._of_outages |= self._hearing.new_kinds()
            self._hearing.again()

    def bot_starts(self) -> None:
        """The bot has been started."""
        if self._hearing is not None:
            self._hearing.new_start()

    def close(self) -> None:
        """Stop listening."""
        if self._hearing is not None:
            self._hearing.close()
            self._hearing = None

    def run(self, until: str, arguments: _Arguments) -> str:
        """Wait for one of ``TOLD``: ``done``, or ``not_seen``. Raises CutShort where the bot ends meanwhile."""
        if until == "live":
            return self._at_most(lambda: is_live(self._arena), arguments)
        if self._hearing is None:
            why = f"the scenario waits until {until}, and no fault has cut the bot off; apply one"
            raise ArenaFailed(why)
        if until == "live_again":
            return self._at_most(self._hearing.live_again, arguments)
        return "not_seen" if self._deaf else self._until_noticed(self._hearing, arguments)

    def _until_noticed(self, hearing: Hearing, arguments: _Arguments) -> str:
        began, watch, document = time.monotonic(), self._arena.watch, self._arena.evidence.document
        self._bot.poll()
        first = watch.cycles
        enough = first + int(arguments.get("cycles", MOST_CYCLES))

        def over() -> bool:
            # One that is driven by its feed goes on: nothing was taken away; nor where the fault was never met.
            unmet = watch.cycles >= first + _UNMET and self._never_met()
            # What it says before it is hit is about the moment in which the fault was applied: a line that was cut.
            noticed = hearing.noticed() is not None and not self._never_met()
            return noticed or watch.cycles >= enough or unmet

        outcome = self._at_most(over, arguments)
        by = hearing.noticed()
        if outcome == "done" and by is None:
            return outcome
        self._deaf = by is None
        at = None if self._deaf else self._arena.evidence.now()
        noticed = {"at": at, "by": by, "waited": time.monotonic() - began}
        for fault in document["faults"]:
            if fault["fault"] in OUTAGES and fault["lifted_at"] is None:
                fault["noticed"] = noticed
        return outcome

    def _never_met(self) -> bool:
        """Whether the outages that stand count what they do to the bot, and have done nothing, now or before."""
        standing = [applied.fault for applied in self._faults if applied.fault.name in OUTAGES]
        return bool(standing) and all(
            fault.counts_hits and not fault.hits() and fault.name not in self._met for fault in standing
        )

    def _at_most(self, happened: Callable[[], bool], arguments: _Arguments) -> str:
        own = patience(self._arena.bot, self._arena.evidence.document)
        within = min(own, float(arguments["within"]))
        deadline = time.monotonic() + within

        def over() -> bool:
            return happened() or time.monotonic() >= deadline

        self._bot.await_event(over, summary("wait", arguments), within + _GRACE)
        return "done" if happened() else "not_seen"
