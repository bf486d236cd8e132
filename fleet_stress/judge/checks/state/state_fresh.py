"""``state_fresh``: state files were rewritten since the last start, by its last cycle (all rows).

A file that was written once at the start and never again is valid, and worthless. And a file that is only
written at the end is lost whenever the bot is killed: ``start: all`` looks at the starts before as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings.freshness import stale, too_short
from fleet_stress.judge.roles import NO_STATE, Role


class StateFresh(Check):
    """A finding for each state file, at the first start after which it was stale."""

    title = "state files were rewritten by the last cycle"
    counts = True
    arguments = {
        "start": {"enum": ["last", "all"], "description": "Which starts of the bot; the last by default."}
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        last = case.starts[-1] if case.starts else None
        if last is None or last["after"] is None or not last["cycles"]:
            yield self.not_exercised("state", "the last start finished no cycle that was seen")
            return
        starts = case.chosen_starts(arguments.get("start", "last"))
        for role in case.roles:
            if role.section == "state":
                reason = next(
                    filter(None, (why for start in starts for why in _stale(case, start, role))), None
                )
                if reason:
                    yield self.failed(role.key, reason)
                elif too_short(case, last, role):
                    reason = f"{role.key}: fewer than two cycles were seen, too few to tell whether it is rewritten"
                    yield self.not_exercised(role.key, reason)

    def unasked(self, case: Case, arguments: Arguments) -> str | None:
        """There is no state file."""
        return None if any(role.section == "state" for role in case.roles) else NO_STATE


def _stale(case: Case, start: Mapping[str, Any], role: Role) -> Iterator[str | None]:
    yield stale(case, start, role)
    # Whether it is there after the last start is state_valid's business.
    earlier = start is not case.starts[-1] and start["after"] is not None
    due = role.required and role.rewritten == "cycle" and len(start["cycles"]) > 1
    if earlier and due and role.key not in case.after(start):
        yield f"{role.key} was not there after start {start['n']}, which finished {len(start['cycles'])} cycles"
