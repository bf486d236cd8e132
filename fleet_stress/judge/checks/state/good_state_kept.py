"""``good_state_kept``: what was on a disk before it was full survives, and the next start goes on from it (1.4).

The measure is the numbers that may never go back, as they were in the files when the disk became full. A file that
could not be rewritten may be old; it may not be empty, cut off or gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import full_disk
from fleet_stress.judge.roles import NO_NUMBERS, Role


class GoodStateKept(Check):
    """One finding for each file that lost something, at the first sign of it."""

    title = "good state survives a full disk"
    faults = ("fill",)
    excused_by = "continuity"  # what a plain restart loses already

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        if not any(role.never_back for role in case.roles):
            yield self.skipped("state", NO_NUMBERS)
            return
        had = False
        for full in full_disk.full_disks(case):
            for role in case.roles:
                before = full.proof["tracked_before"].get(role.key)
                if role.section != "state" or role.derived or not before or before["json"] != "valid":
                    continue
                had = had or any(value > 0 for value in before["fields"].values())
                lost = next(_losses(case, full, role, before["fields"]), None)
                if lost:
                    yield self.failed(role.key, lost)
        if not had:
            reason = "nothing to lose: no number that may never go back was on a disk when it became full"
            yield self.not_exercised("state", reason)


def _losses(case: Case, full: full_disk.FullDisk, role: Role, had: Mapping[str, float]) -> Iterator[str]:
    last = full.proof["tracked_last"].get(role.key)
    when = "when the disk has room again"
    if last is None:
        yield f"{role.key} was whole before the disk was full and is gone {when}"
    elif last["json"] != "valid":
        yield f"{role.key} was whole before the disk was full and is no valid {role.kind} {when} ({last['size']} bytes)"
    else:
        yield from _went_back(role, had, last["fields"], when)
    for start in case.starts:
        if start["after"] is None or start["exit"]["at"] < full.at or case.unread(start["after"], role.key):
            continue
        when = f"after start {start['n']}"
        if not case.whole(start["after"], role.key):
            yield f"{role.key} was whole before the disk was full and is not {when}"
        else:
            yield from _went_back(role, had, case.numbers(start["after"], role), when)


def _went_back(role: Role, had: Mapping[str, float], has: Mapping[str, float], when: str) -> Iterator[str]:
    for name, value in had.items():
        if name not in has:
            yield f"{role.key}: {name} was {value:g} before the disk was full and is gone {when}"
        elif has[name] < value:
            yield f"{role.key}: {name} was {value:g} before the disk was full and is {has[name]:g} {when}"
