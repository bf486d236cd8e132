"""``always_whole``: no look ever found a state file torn (1.5, contention).

A file that is replaced in one step is whole at each moment, whoever looks. A single torn look may be one that
came while the bot was just writing in place, which a crash or a reader could meet as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.verdict import Finding


class AlwaysWhole(Check):
    """A finding for each state file that was torn once."""

    title = "state files are whole at each look"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        looked = False
        for role in case.roles:
            if role.section != "state" or not role.has_numbers:
                continue
            looks = [one for one in case.seen(role.key) if one["json"] is not None]
            looked = looked or bool(looks)
            torn = [one for one in looks if one["json"] != "valid"]
            if torn:
                reason = (
                    f"{role.key} was no whole {role.kind} in {len(torn)} of {len(looks)} looks, first in start"
                    f" {torn[0]['start']} with {torn[0]['size']} bytes"
                )
                yield self.failed(role.key, reason)
        if not looked:
            yield self.not_exercised("state", "no state file was seen while it changed")
