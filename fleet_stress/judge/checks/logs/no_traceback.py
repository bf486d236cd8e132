"""``no_traceback``: no Python traceback in the bot's output or its text logs (all rows)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import output


class NoTraceback(Check):
    """One finding for each distinct exception and place, with how often and where it was seen."""

    title = "no exception goes unhandled"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        seen: dict[str, list[str]] = {}
        for name, text in output.texts(case):
            for traceback in output.tracebacks(text):
                seen.setdefault(traceback, []).append(name)
        for traceback, names in seen.items():
            unhandled = _ended_by_it(case, names)
            kind = "unhandled exception" if unhandled else "traceback in the output or log"
            reason = f"{kind}: {traceback}, {len(names)} times, first in {names[0]}"
            yield self.failed(traceback, reason, evidence=tuple(dict.fromkeys(names)))
        for key, reason in output.not_searched(case, "tracebacks"):
            yield self.not_exercised(key, reason)


def _ended_by_it(case: Case, names: list[str]) -> bool:
    return any(
        start["stderr"] in names and start["exit"] and start["exit"]["code"] not in (0, None)
        for start in case.starts
    )
