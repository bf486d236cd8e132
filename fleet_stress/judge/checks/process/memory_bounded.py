"""``memory_bounded``: an answer without end costs the bot no more memory than its profile says (6.8E)."""

from __future__ import annotations

from collections.abc import Iterator

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.store import sizes


class MemoryBounded(Check):
    """A finding for each fault under which it grew by more; none for a bot that promises no limit."""

    title = "memory growth under a fault stays within the limit"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        promised = (case.bot.get("exchange") or {}).get("answer_memory")
        if promised is None:
            return
        limit, grown = sizes.in_bytes(promised) / 2**20, list(_grown(case))
        if not grown:
            why = "no fault that took effect measured the bot's memory"
            yield self.not_exercised("memory", why)
        for fault, before, most in grown:
            if most - before > limit:
                reason = (
                    f"its memory grew from {before:.0f} to {most:.0f} MB while {fault} was active,"
                    f" more than the limit of {promised}"
                )
                yield self.failed("memory", reason)

    def unasked(self, case: Case, arguments: Arguments) -> str | None:
        """The bot promises no limit."""
        promised = (case.bot.get("exchange") or {}).get("answer_memory")
        return None if promised else "the bot profile names no limit (exchange.answer_memory)"


def notes(case: Case) -> Iterator[str]:
    """What an answer without end cost a bot that promises no limit, where the scenario asks."""
    asked = any(expected["check"] == "memory_bounded" for expected in case.scenario["expect"])
    if asked and not (case.bot.get("exchange") or {}).get("answer_memory"):
        for fault, before, most in _grown(case):
            yield (
                f"its memory grew from {before:.0f} to {most:.0f} MB while {fault} was active; its profile names no"
                " limit (exchange.answer_memory)"
            )


def _grown(case: Case) -> Iterator[tuple[str, float, float]]:
    """Each fault that measured the bot's memory, and that before it and at most under it, in MB."""
    for fault in case.took_effect():
        memory = fault["proof"].get("memory")
        if memory and memory["before_mb"]:
            yield fault["fault"], memory["before_mb"], memory["most_mb"]
