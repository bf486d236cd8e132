"""``backup_used``: beside a corrupt file there is a good backup, and the bot goes on from that (1.3D)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Findings
from fleet_stress.judge.checks.state.corrupt_files import CorruptFiles
from fleet_stress.judge.readings import corruption
from fleet_stress.judge.roles import NO_NUMBERS, Role


class BackupUsed(CorruptFiles):
    """A finding for each number that is lower in the next start than in the backup."""

    title = "a good backup is used"
    excused_by = "continuity"  # what a plain restart loses already

    def of_one(self, case: Case, role: Role) -> Findings:
        found = corruption.of(case, role.name)
        held = (
            {name: value for name, value in found.proof["backup_fields"].items() if value > 0}
            if found
            else {}
        )
        if found is not None and not role.never_back:
            yield self.skipped(role.key, NO_NUMBERS)
            return
        if found is None or not held:
            reason = (
                corruption.not_hit(role.name)
                if found is None
                else "the backup held nothing that could be lost"
            )
            yield self.not_exercised(role.key, reason)
            return
        number = found.start["n"]
        for name, value in held.items():
            looks = [look["fields"][name] for look in case.seen(role.key, number) if name in look["fields"]]
            last = case.numbers(found.start["after"], role).get(name)
            lowest = min([*looks, *([] if last is None else [last])], default=None)
            if lowest is None and case.unread(found.start["after"], role.key):
                reason = f"{role.key} could not be read after start {number}"
                yield self.not_exercised(f"{role.key}:{name}", reason)
            elif lowest is None or lowest < value:
                now = "is gone" if lowest is None else f"fell to {lowest:g}"
                reason = f"{role.key}: {name} was {value:g} in the good backup and {now} in start {number}"
                yield self.failed(f"{role.key}:{name}", reason)
