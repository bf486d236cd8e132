"""What the checks of corrupt files share: each looks at one file, or at all that were corrupted (1.3)."""

from __future__ import annotations

from abc import abstractmethod

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import corruption
from fleet_stress.judge.roles import Role


class CorruptFiles(Check):
    """A base of checks: what is said of one file."""

    faults = ("corrupt",)
    arguments = corruption.ARGUMENTS
    short = "file"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        """What is found of each; that there is none where no file was corrupted."""
        roles = corruption.roles(case, arguments)
        if not roles:
            yield self.not_exercised("files", corruption.NONE)
        for name in roles:
            yield from self.of_one(case, case.role(name))

    @abstractmethod
    def of_one(self, case: Case, role: Role) -> Findings:
        """What is wrong with one of them, or was not proved."""
