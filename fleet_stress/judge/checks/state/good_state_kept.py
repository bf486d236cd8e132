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

_ROOM_AGAIN = "when the disk has room again"


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
                last = full.proof["tracked_last"].get(role.key)
                if lost:
                    yield self.failed(role.key, lost)
                elif last and full_disk.unread(role, last):
                    yield self.not_exercised(role.key, f"{role.key} could not be read {_ROOM_AGAIN}")
        if not had:
            reason = "nothing to lose: no number that may never go back was on a disk when it became full"
            yield self.not_exercised("state", reason)


def _losses(case: Case, full: full_disk.FullDisk, role: Role, had: Mapping[str, float]) -> Iterator[str]:
    last = full.proof["tracked_last"].get(role.key)
    before = f"{role.key} was whole before the disk was full and is"
    if last is None:
        yield f"{before} gone {_ROOM_AGAIN}"
    elif last["json"] == "valid":
        yield from _went_back(role, had, last["fields"], _ROOM_AGAIN)
    elif not full_disk.unread(role, last):
        yield f"{before} no valid {role.kind} {_ROOM_AGAIN} ({last['size']} bytes)"
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
