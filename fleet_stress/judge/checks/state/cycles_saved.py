"""``cycles_saved``: the cycles that were finished before a kill are on disk (3.3, 3.4).

``continuity`` and ``little_lost`` compare what is on disk with what was there before: they never see progress that was
not saved. What a cycle is worth comes from the baseline (``readings/following.py``).
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import endings, following
from fleet_stress.judge.roles import Role


class CyclesSaved(Check):
    """One finding for each number that follows the cycles, at the kill that cost most of them."""

    title = "finished cycles are on disk when the bot is killed"
    counts = True
    arguments = {
        "cycles": {
            "type": "integer",
            "minimum": 0,
            "description": "Finished cycles that a kill may cost; 1 by default, or as many as the profile says.",
        }
    }
    short = "cycles"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        for role in case.roles:
            allowed = max(arguments.get("cycles", 1), int(role.entry.get("saved_every", 1)))
            for name in role.never_back if role.rewritten != "exit" else ():
                lost = _lost(case, role, name, allowed)
                if lost:
                    yield self.failed(f"{role.key}:{name}", lost)

    def unasked(self, case: Case, arguments: Arguments) -> str | None:
        """No number follows the cycles."""
        follows = any(role.never_back and role.rewritten != "exit" for role in case.roles)
        return None if follows and case.worth_of_a_cycle else "no number in a file follows the bot's cycles"


def _lost(case: Case, role: Role, name: str, allowed: int) -> str | None:
    each = case.worth_of_a_cycle.get(f"{role.key}:{name}")
    if not each or not following.follows(case, case.starts, role, name, each):
        return None
    killed = [start for start in case.starts if endings.killed(start)]
    costs = [(following.unsaved(case, start, role, name, each), start) for start in killed]
    most, start = max(costs, key=lambda pair: pair[0], default=(0, {}))
    if most <= allowed:
        return None
    saved = case.numbers(start["after"], role).get(name)
    now = f"{saved:g}" if saved is not None else "not there"
    return (
        f"{role.key}: {name} was {now} after the kill of start {start['n']}, which had finished"
        f" {following.finished(start)} cycles: {most} of them were not saved (by the baseline each adds {each:g})"
    )
