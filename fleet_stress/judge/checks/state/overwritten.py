"""``overwritten``: the run after a corruption puts a valid file in its place (1.3)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Findings
from fleet_stress.judge.checks.state.corrupt_files import CorruptFiles
from fleet_stress.judge.readings import corruption
from fleet_stress.judge.roles import Role


class Overwritten(CorruptFiles):
    """A finding when the corrupt content, or nothing valid, is there after the next run."""

    title = "the next run overwrites a corrupt file"

    def of_one(self, case: Case, role: Role) -> Findings:
        found = corruption.of(case, role.name)
        if found is None:
            yield self.not_exercised(role.key, corruption.not_hit(role.name))
            return
        now = case.after(found.start).get(role.key)
        number = found.start["n"]
        if now is None:
            yield self.failed(role.key, f"{role.key} is missing after start {number}")
        elif found.proof["after"] and now["sha256"] == found.proof["after"]["sha256"]:
            yield self.failed(role.key, f"{role.key} still holds the corruption after start {number}")
        elif role.has_numbers and case.whole(found.start["after"], role.key) is None:
            reason = f"{role.key} could not be read after start {number}"
            yield self.not_exercised(role.key, reason)
        elif role.has_numbers and not case.whole(found.start["after"], role.key):
            yield self.failed(role.key, f"{role.key} is no valid {role.kind} after start {number}")
