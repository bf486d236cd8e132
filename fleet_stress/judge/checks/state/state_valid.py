"""``state_valid``: after the last start, every required state file is there and whole (all rows).

"Valid or missing", as the plan has it, would pass a bot that never writes its state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case, Role
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED, Finding


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
            reason, verdict = _against(case, last, role)
            if reason:
                yield Finding("state_valid", role.key, reason, verdict, (f"{last['after']}/{role.key}",))


def _against(case: Case, start: Mapping[str, Any], role: Role) -> tuple[str, str]:
    info = case.after(start).get(role.key)
    if info is None:
        return (f"{role.key} is missing after start {start['n']}" if role.required else "", FAILED)
    if not info["mode"].startswith("-"):
        return f"{role.key} is no regular file after start {start['n']} ({info['mode']})", FAILED
    whole = case.whole(start["after"], role.key) if role.has_numbers else True
    if whole is None:
        reason = f"{role.key} could not be read after start {start['n']} ({info['size']} bytes)"
        return reason, NOT_EXERCISED
    if not whole:
        return f"{role.key} is no valid {role.kind} after start {start['n']} ({info['size']} bytes)", FAILED
    has = case.numbers(start["after"], role)
    silent = [name for name in role.entry.get("numbers", ()) if name not in has]
    if silent:
        return f"{role.key} does not tell its {', '.join(silent)} after start {start['n']}", FAILED
    return "", FAILED


CHECK = Check("state_valid", "required state files are there and whole", judge)
