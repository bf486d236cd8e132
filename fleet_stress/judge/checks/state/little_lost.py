"""``little_lost``: a kill costs no more than the cycle that was in flight (3.4).

``continuity`` compares files after a start with those of the next. A kill in mid-write may leave an unreadable file, so
that nothing is left to compare; so here the highest number that was ever seen counts. How much a cycle is worth comes
from the numbers themselves: the largest step between two looks, and what the baseline has learnt.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.roles import NO_NUMBERS, Role


class LittleLost(Check):
    """One finding for each number that lost too much, at the first loss."""

    title = "a kill costs at most the cycle in flight"
    excused_by = "continuity"  # what a plain restart loses already
    arguments = {
        "cycles": {
            "type": "integer",
            "minimum": 0,
            "description": "Cycles whose progress a restart may lose; 1 by default.",
        }
    }
    short = "cycles"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        if not any(role.never_back for role in case.roles):
            yield self.skipped("state", NO_NUMBERS)
            return
        compared = False
        for role in case.roles:
            for name in role.never_back:
                outcome = _lost(case, role, name, arguments.get("cycles", 1))
                compared = compared or outcome is not None
                if outcome:
                    yield self.failed(f"{role.key}:{name}", outcome)
        if not compared:
            reason = "nothing to lose: no number that may never go back had risen above zero before a restart"
            yield self.not_exercised("state", reason)


def _lost(case: Case, role: Role, name: str, cycles: int) -> str | None:
    """A sentence when too much was lost, "" when not, None when there was nothing to lose."""
    step, compared = case.worth_of_a_cycle.get(f"{role.key}:{name}", 0.0), False
    # What was there before the first start, of an arena that began with something, counts as seen.
    highest = case.numbers(case.starts[0]["before"], role).get(name, 0.0) if case.starts else 0.0
    for start in case.starts:
        looks = [look["fields"][name] for look in case.seen(role.key, start["n"]) if name in look["fields"]]
        last = case.numbers(start["after"], role).get(name)
        looks += [] if last is None else [last]
        if looks and highest > 0:
            compared = True
            if looks[0] < highest - cycles * step:
                return (
                    f"{role.key}: {name} had been {highest:g} and was {looks[0]:g} at the first look at start"
                    f" {start['n']}; {cycles} cycles are worth {cycles * step:g}"
                )
        step = max([step, *(later - earlier for earlier, later in zip(looks, looks[1:]))])
        highest = max([highest, *looks])
    return "" if compared else None
