"""``state_fresh``: state files were rewritten since the last start, by its last cycle (all rows).

A file that was written once at the start and never again is valid, and worthless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.case import Case
from fleet_stress.checks.freshness import stale, too_short
from fleet_stress.checks.protocol import Check
from fleet_stress.verdict import NOT_EXERCISED, Finding


def judge(case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding for each stale state file."""
    del arguments
    last = case.starts[-1] if case.starts else None
    if last is None or last["after"] is None or not last["cycles"]:
        yield Finding("state_fresh", "state", "the last start finished no cycle that was seen", NOT_EXERCISED)
        return
    for role in case.roles:
        if role.section == "state":
            reason = stale(case, last, role)
            if reason:
                yield Finding("state_fresh", role.key, reason)
            elif too_short(last, role):
                told = f"{role.key}: fewer than two cycles were seen, too few to tell a single write from fresh ones"
                yield Finding("state_fresh", role.key, told, NOT_EXERCISED)


CHECK = Check("state_fresh", "state files were rewritten by the last cycle", judge)
