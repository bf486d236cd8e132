"""``never_torn``: whoever reads the bot's files at any moment finds each of them whole, and there (6.12).

``always_whole`` asks the same of the looks of watching, some tens a second; here a reader looked as often as it could.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.verdict import Finding


class NeverTorn(Check):
    """A finding for each file that was torn, or gone for a moment though the profile calls it required."""

    title = "a reader finds each file whole at any moment"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        polled = [one for one in case.evidence["faults"] if one["fault"] == "reader" and one["bit"]]
        if not polled:
            yield self.not_exercised("files", "nobody read the files while they changed")
        for fault in polled:
            for role in case.roles:
                found = fault["proof"]["files"].get(role.key)
                if not found:
                    continue
                read = f"in {found['reads']} reads, which found it changed {found['changes']} times"
                if found["torn"]:
                    reason = f"{role.key} was no whole {role.kind} {found['torn']} times {read}"
                    yield self.failed(role.key, reason, evidence=tuple(found["kept"]))
                if found["gone"] and role.required:
                    reason = f"{role.key} was not there {found['gone']} times {read}"
                    yield self.failed(f"{role.key} gone", reason)
