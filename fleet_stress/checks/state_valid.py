"""``state_valid``: after the last start, every required state file is there and whole (all rows).

"Valid or missing", as the plan has it, would pass a bot that never writes its state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.case import Case, Role, json_valid
from fleet_stress.checks.protocol import Check
from fleet_stress.verdict import NOT_EXERCISED, Finding


def judge(case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding for each file that is missing, no regular file, or does not parse."""
    del arguments
    last = case.starts[-1] if case.starts else None
    if last is None or last["after"] is None:
        yield Finding(
            "state_valid", "state", "the bot never ended, so its state was not looked at", NOT_EXERCISED
        )
        return
    for role in case.roles:
        if role.section == "state":
            reason = _against(case, last, role)
            if reason:
                yield Finding("state_valid", role.key, reason, evidence=(f"{last['after']}/{role.key}",))


def _against(case: Case, start: Mapping[str, Any], role: Role) -> str | None:
    info = case.after(start).get(role.key)
    if info is None:
        return f"{role.key} is missing after start {start['n']}" if role.required else None
    if not info["mode"].startswith("-"):
        return f"{role.key} is no regular file after start {start['n']} ({info['mode']})"
    if role.format == "json" and info["kept"] and not json_valid(case.content(start["after"], role.key)):
        return f"{role.key} is no valid JSON after start {start['n']} ({info['size']} bytes)"
    return None


CHECK = Check("state_valid", "required state files are there and whole", judge)
