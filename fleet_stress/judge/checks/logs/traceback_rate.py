"""``traceback_rate``: few tracebacks in many cycles (1.2).

Five hundred cycles may hit something odd now and then. What comes again and again was not handled.
"""

from __future__ import annotations

from collections import Counter

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import output


class TracebackRate(Check):
    """A finding for each exception that came too often; and when no cycle was seen."""

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
        at_most, per = arguments.get("at_most", 1), arguments.get("cycles", 100)
        cycles = sum(start["cycles"][-1]["n"] for start in case.starts if start["cycles"])
        if not cycles:
            yield self.not_exercised("cycles", "no finished cycle was seen")
            return
        seen, where = Counter[str](), dict[str, str]()
        for name, text in output.texts(case):
            for traceback in output.tracebacks(text):
                seen[traceback] += 1
                where.setdefault(traceback, name)
        # A short run may have the whole number: one in ten cycles is not ten in a hundred yet.
        allowed = at_most * max(1.0, cycles / per)
        if sum(seen.values()) > allowed:
            for traceback, count in seen.most_common(3):
                reason = f"{traceback}: {count} times in {cycles} cycles; the limit is {at_most} in {per}"
                yield self.failed(traceback, reason, evidence=(where[traceback],))
        for key, reason in output.not_searched(case, "tracebacks"):
            yield self.not_exercised(key, reason)
