"""``no_step_back``: numbers that may never go back do not go back while the bot runs either (6.1, 6.9, 6.13).

``continuity`` compares one start with the next. A bot that begins anew in the middle of a start may have caught up by
its end.
"""

from __future__ import annotations

from collections.abc import Iterator

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.roles import NO_NUMBERS, Role


class NoStepBack(Check):
    """One finding for each number that was seen going back, at its first time."""

    title = "counters do not go back while the bot runs"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        if not any(role.never_back for role in case.roles):
            yield self.skipped("state", NO_NUMBERS)
            return
        risen = False
        for role in case.roles:
            for name in role.never_back:
                looks = list(_looks(case, role, name))
                risen = risen or any(value > 0 for _, value in looks)
                for (_, earlier), (start, later) in zip(looks, looks[1:]):
                    if later < earlier:
                        reason = f"{role.key}: {name} had been {earlier:g} and was {later:g} later, in start {start}"
                        yield self.failed(f"{role.key}:{name}", reason)
                        break
        if not risen:
            reason = "nothing to lose: no number that may never go back was seen above zero"
            yield self.not_exercised("state", reason)


def _looks(case: Case, role: Role, name: str) -> Iterator[tuple[int, float]]:
    for start in case.starts:
        for look in case.seen(role.key, start["n"]):
            if name in look["fields"]:
                yield start["n"], look["fields"][name]
