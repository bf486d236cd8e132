"""``state_valid``: after the last start, every required state file is there and whole (all rows).

"Valid or missing", as the stress plan has it, would pass a bot that never writes its state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import counted_lines
from fleet_stress.judge.roles import NO_STATE, Role

#: Bytes that are told of why a file could not be read.
_TOLD = 200


class StateValid(Check):
    """A finding for each file that is missing, no regular file, or does not parse."""

    title = "required state files are there and whole"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        last = case.starts[-1] if case.starts else None
        if last is None or last["after"] is None:
            yield self.not_exercised("state", "the bot never ended, so its state was not looked at")
            return
        for role in case.roles:
            if role.section == "state":
                evidence = (f"{last['after']}/{role.key}",)
                if _unread(case, last, role):
                    size = case.after(last)[role.key]["size"]
                    reason = f"{role.key} could not be read after start {last['n']} ({size} bytes)"
                    yield self.not_exercised(role.key, reason, evidence=evidence)
                    continue
                reason = _defect(case, last, role) or counted_lines.lost(case, last, role) or ""
                if reason:
                    yield self.failed(role.key, reason, evidence=evidence, start=last["n"])

    def seen(self, case: Case, arguments: Arguments) -> str | None:
        """The files that were looked at, and when."""
        keys = [
            role.key
            for role in case.roles
            if role.section == "state" and role.key in case.after(case.starts[-1])
        ]
        return f"{', '.join(keys)} after start {case.starts[-1]['n']}" if keys else None

    def unasked(self, case: Case, arguments: Arguments) -> str | None:
        """There is no state file."""
        return None if any(role.section == "state" for role in case.roles) else NO_STATE


def _unread(case: Case, start: Mapping[str, Any], role: Role) -> bool:
    return role.has_numbers and case.unread(start["after"], role.key)


def _defect(case: Case, start: Mapping[str, Any], role: Role) -> str:
    """What is wrong with a file, in a sentence; empty where it is in order."""
    info, when = case.after(start).get(role.key), f"after start {start['n']}"
    if info is None:
        return f"{role.key} is missing {when}" if role.required else ""
    if not info["mode"].startswith("-"):
        return f"{role.key} is no regular file {when} ({info['mode']})"
    if role.has_numbers and not case.whole(start["after"], role.key):
        why = case.content(start["after"], role.key) if info.get("read") else None
        told = f": {why[:_TOLD].decode('utf-8', 'replace')}" if why else ""
        return f"{role.key} is no valid {role.kind} {when} ({info['size']} bytes){told}"
    known = case.numbers(start["after"], role)
    silent = [name for name in role.queries if name not in known]
    return f"{role.key} has no {', '.join(silent)} in it {when}" if silent else ""
