"""``logs_present``: the logs that the profile requires are where it says, and written to (all rows).

A log that is missing because the bot writes it somewhere else is a finding.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings.freshness import stale


class LogsPresent(Check):
    """A finding for each required log that is missing or stale."""

    title = "required logs are there"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        last = case.starts[-1] if case.starts else None
        if last is None or last["after"] is None:
            yield self.not_exercised("logs", "the bot never ended, so its logs were not looked at")
            return
        for role in (role for role in case.roles if role.section == "logs" and role.required):
            if role.key not in case.after(last):
                yield self.failed(role.key, f"{role.key} is missing after start {last['n']}")
                continue
            reason = stale(case, last, role)
            if reason:
                yield self.failed(role.key, reason, start=last["n"])

    def unasked(self, case: Case, arguments: Arguments) -> str | None:
        """No log is required."""
        required = any(role.section == "logs" and role.required for role in case.roles)
        return None if required else "the bot profile requires no log"
