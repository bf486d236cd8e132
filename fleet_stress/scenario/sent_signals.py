"""The step ``signal``: at once, or in the middle of a write, and then until the bot has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.bot_start import Start
from fleet_stress.scenario.current_bot import CurrentBot
from fleet_stress.scenario.early_end import CutShort
from fleet_stress.store.contract import ends_within

#: Perl ignores SIGFPE, and a program may handle it: who goes on has survived it (signal(7), perlipc).
_MAY_GO_ON = ("FPE",)
#: So many cycles are one that began after the signal, at least.
_GOES_ON = 2


class SentSignals:
    """The signals of one scenario."""

    def __init__(self, arena: Arena, bot: CurrentBot) -> None:
        self._arena, self._bot = arena, bot
        #: Whether a write was waited for in vain: the next kills come at any moment.
        self._missed = False

    def run(self, arguments: Mapping[str, Any]) -> str:
        """Send one, and wait until the bot has ended. Raises CutShort when it does not."""
        start, name = self._bot.started(), arguments["signal"]
        if not start.running:
            if arguments.get("may_end"):
                return "done"
            raise CutShort("bot_ended", f"the bot ended by itself before SIG{name}")
        if arguments["aim"] and not self._missed:
            self._aim(start, name, float(arguments["within"]))
        start.send(name)
        if name in _MAY_GO_ON and self._goes_on(start):
            self._arena.evidence.note(
                f"start {start.entry['n']} goes on after SIG{name}: it ignores or handles it"
            )
            name = "TERM"
            start.send(name)
        within = ends_within(self._arena.bot)
        if start.wait(lambda: not start.running, within) == "timeout":
            start.end()
            raise CutShort("timeout", f"the bot still ran {within:g} s after {start.asked(name)}")
        return "done"

    def _goes_on(self, start: Start) -> bool:
        cycles = self._arena.watch.cycles + _GOES_ON
        within = ends_within(self._arena.bot)
        return start.wait(lambda: self._arena.watch.cycles >= cycles, within) == "done" and start.running

    def _aim(self, start: Start, name: str, within: float) -> None:
        """Hold the bot in mid-write. Where some kills met a write already, a later one that does not is noted."""
        if start.hold_in_mid_write(within):
            return
        cycles = f"no write was met in {self._arena.watch.cycles} cycles"
        if not start.running:
            raise CutShort("bot_ended", f"SIG{name} in mid-write: {cycles}, then the bot ended")
        met = sum(
            bool(signal["writing"])
            for start in self._arena.evidence.document["starts"]
            for signal in start["signals"]
        )
        if not met:
            start.end()
            # A write that nobody met in time says nothing about the bot.
            raise CutShort("not_met", f"SIG{name} in mid-write: not within {within:g} s: {cycles}")
        self._missed = True
        self._arena.evidence.note(
            f"{met} of the kills met a write; then {cycles} and {within:g} s, so the rest came at any moment"
        )
