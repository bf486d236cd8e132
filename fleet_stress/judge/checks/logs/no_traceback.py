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
    """One finding for each distinct exception and place, with how often and where it was seen."""

    title = "no exception goes unhandled"
    arguments = {
        "start": {"enum": ["last", "all"], "description": "Which starts of the bot; all by default."}
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        seen = list(tracebacks.seen(case, arguments.get("start", "all")))
        unhandled = {each.exception for each in seen if each.unhandled}
        handled = [each for each in seen if each.exception not in unhandled]
        cycles = tracebacks.cycles(case)
        too_many = not tracebacks.was_hit(case) and len(handled) > tracebacks.allowed(cycles)
        for exception, names in tracebacks.by_exception(seen).items():
            first, evidence = f"first in {names[0]}", tuple(dict.fromkeys(names))
            if exception in unhandled:
                reason = f"unhandled exception: {exception}, {len(names)} times, {first}"
                yield self.failed(exception, reason, evidence=evidence)
            elif too_many:
                reason = (
                    f"traceback in the output or log: {exception}, {len(names)} times, {first}; {len(handled)} in"
                    f" {cycles} cycles without a fault, the limit is {AT_MOST} in {PER}"
                )
                yield self.failed(exception, reason, evidence=evidence)
        for key, reason in output.not_searched(case, "tracebacks"):
            yield self.not_exercised(key, reason)
