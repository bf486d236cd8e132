"""``writes_inside``: the bot writes only to its state and log folders (principle 5)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings

_NAMED = 10


class WritesInside(Check):
    """One finding that names what was written elsewhere and is not allowed by the profile."""

    title = "nothing is written outside the state and log folders"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        outside = [file for file in case.evidence["outside"] if not file["allowed"]]
        if outside:
            named = ", ".join(f"{file['path']} ({file['change']})" for file in outside[:_NAMED])
            more = f" and {len(outside) - _NAMED} more" if len(outside) > _NAMED else ""
            reason = f"wrote {len(outside)} files outside its state and log folders: {named}{more}"
            yield self.failed("outside", reason)
