"""``traceback_rate``: few tracebacks in many cycles, and none of an exception that nobody handled (1.2).

Five hundred cycles may hit something odd now and then. What comes again and again was not handled.
"""

from __future__ import annotations

from collections import Counter

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import output, tracebacks
from fleet_stress.judge.readings.tracebacks import AT_MOST, PER


class TracebackRate(Check):
    """A finding for each exception that nobody handled or that came too often; and when no cycle was seen."""

    title = "tracebacks are few"
    arguments = {
        "at_most": {
            "type": "integer",
            "minimum": 0,
            "description": "Tracebacks allowed; 1 by default.",
        },
        "cycles": {
            "type": "integer",
            "minimum": 1,
            "description": "Cycles that the limit is for; 100 by default.",
        },
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        at_most, per = arguments.get("at_most", AT_MOST), arguments.get("cycles", PER)
        cycles = tracebacks.cycles(case)
        if not cycles:
            yield self.not_exercised("cycles", "no finished cycle was seen")
            return
        seen = tracebacks.by_cause(tracebacks.seen(case))
        for cause, each in seen.items():
            if each.unhandled:
                reason = f"unhandled exception: {each.first.exception}, first in {each.names[0]}"
                yield self.failed(cause, reason, evidence=(each.names[0],), start=each.killed)
        if sum(each.often for each in seen.values()) > tracebacks.allowed(cycles, at_most, per):
            handled = Counter({cause: each.often for cause, each in seen.items() if not each.unhandled})
            for cause, count in handled.most_common(3):
                each = seen[cause]
                reason = f"{each.first.exception}: {count} times in {cycles} cycles; the limit is {at_most} in {per}"
                yield self.failed(cause, reason, evidence=(each.names[0],))
        for key, reason in output.not_searched(case, "tracebacks"):
            yield self.not_exercised(key, reason)
