"""``no_traceback``: no exception goes unhandled, and handled ones are not the rule (all rows).

An exception that the bot has handled and logged with its traceback is a note (``judge/handled_exceptions.py``). Where
nothing was done to the bot, only a few are: as many as ``traceback_rate`` allows by default.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import output, tracebacks
from fleet_stress.judge.readings.tracebacks import AT_MOST, PER


class NoTraceback(Check):
    """One finding for each distinct exception and place in the bot, with how often and where it was seen."""

    title = "no exception goes unhandled"
    arguments = {
        "start": {"enum": ["last", "all"], "description": "Which starts of the bot; all by default."}
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        seen = tracebacks.by_cause(tracebacks.seen(case, arguments.get("start", "all")))
        handled = sum(each.often for each in seen.values() if not each.unhandled)
        cycles = tracebacks.cycles(case)
        too_many = not tracebacks.was_hit(case) and handled > tracebacks.allowed(cycles)
        for cause, each in seen.items():
            times = f"{each.first.exception}, {each.often} times, first in {each.names[0]}"
            if each.unhandled:
                yield self.failed(
                    cause, f"unhandled exception: {times}", evidence=each.names, start=each.killed
                )
            elif too_many:
                reason = (
                    f"traceback in the output or log: {times}; {handled} in {cycles} cycles without a fault,"
                    f" the limit is {AT_MOST} in {PER}"
                )
                yield self.failed(cause, reason, evidence=each.names)
        for key, reason in output.not_searched(case, "tracebacks"):
            yield self.not_exercised(key, reason)
