"""``memory_bounded``: an answer without end does not end up in memory (6.8E)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.store import sizes


class MemoryBounded(Check):
    """A finding for each fault that measured the bot's memory, and under which it grew by more."""

    title = "memory growth under a fault stays within the limit"
    required = ("more",)
    arguments = {"more": sizes.schema("Limit of the growth since the fault was applied.")}
    short = "more"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        limit = sizes.in_bytes(arguments["more"]) / 2**20
        measured = [fault for fault in case.took_effect() if fault["proof"].get("memory")]
        if not any(fault["proof"]["memory"]["before_mb"] for fault in measured):
            why = "no fault that took effect measured the bot's memory"
            yield self.not_exercised("memory", why)
        for fault in measured:
            before, most = (fault["proof"]["memory"][name] for name in ("before_mb", "most_mb"))
            if before and most - before > limit:
                reason = (
                    f"its memory grew from {before:.0f} to {most:.0f} MB while {fault['fault']} was active,"
                    f" more than the limit of {arguments['more']}"
                )
                yield self.failed("memory", reason)
