"""``never_torn``: a reader of the bot's files finds each of them whole and in place at any moment (6.12).

``always_whole`` judges the looks of watching, some tens a second; here a reader looked as often as it could.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings


class NeverTorn(Check):
    """A finding for each file that was torn, or gone for a moment although the profile requires it."""

    title = "a reader finds each file whole at any moment"
    faults = ("reader",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        readers = case.took_effect("reader")
        if not readers:
            yield self.not_exercised("files", "no reader read the files while they changed")
        for fault in readers:
            for role in case.roles:
                figures = fault["proof"]["files"].get(role.key)
                if not figures or role.derived:
                    continue
                read = f"in {figures['reads']} reads, which found it changed {figures['changes']} times"
                if figures["torn"]:
                    reason = f"{role.key} was no valid {role.kind} {figures['torn']} times {read}"
                    yield self.failed(role.key, reason, evidence=tuple(figures["kept"]))
                if figures["gone"] and role.required:
                    reason = f"{role.key} was not there {figures['gone']} times {read}"
                    yield self.failed(f"{role.key} gone", reason)
