"""``memory_bounded``: an answer without end does not end up in memory (6.8E)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store import sizes
from fleet_stress.store.verdict import Finding


class MemoryBounded(Check):
    """A finding for each fault that weighed the bot, and under which it grew by more."""

    title = "memory does not grow by more than so much under a fault"
    required = ("more",)
    arguments = {"more": sizes.schema("The bot may have so much more than when the fault was applied.")}
    short = "more"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        limit = sizes.in_bytes(arguments["more"]) / 2**20
        weighed = [one for one in case.evidence["faults"] if one["bit"] and one["proof"].get("memory")]
        if not any(one["proof"]["memory"]["before_mb"] for one in weighed):
            why = "no fault met the bot and saw how much memory it had"
            yield self.not_exercised("memory", why)
        for one in weighed:
            before, most = one["proof"]["memory"]["before_mb"], one["proof"]["memory"]["most_mb"]
            if before and most - before > limit:
                reason = (
                    f"its memory grew from {before:.0f} to {most:.0f} MB while {one['fault']} stood,"
                    f" by more than {arguments['more']}"
                )
                yield self.failed("memory", reason)
