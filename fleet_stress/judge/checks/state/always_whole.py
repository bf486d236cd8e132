"""``always_whole``: no look at a state file found it torn (1.5, contention).

A file that is replaced in one step is whole at each moment. A single torn look comes from a bot that writes in place,
which a crash or a reader could hit as well. Files of ``bytes`` are left out: a store of pages (LMDB, dbm) is written in
place, and safe for readers that know its locks; a copy of ours may well be torn. What a kill leaves of it says more.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings


class AlwaysWhole(Check):
    """A finding for each state file that was torn at least once."""

    title = "state files are whole at each look"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        roles = [
            role for role in case.roles if role.section == "state" and role.format not in ("text", "bytes")
        ]
        if not roles:
            yield self.skipped("state", "the bot profile names no state file but text or bytes (format)")
            return
        looked = False
        for role in roles:
            if role.derived:
                continue
            looks = [look for look in case.seen(role.key) if look["json"] is not None]
            looked = looked or bool(looks)
            torn = [look for look in looks if look["json"] != "valid"]
            if torn:
                reason = (
                    f"{role.key} was no valid {role.kind} in {len(torn)} of {len(looks)} looks, first in start"
                    f" {torn[0]['start']} with {torn[0]['size']} bytes"
                )
                yield self.failed(role.key, reason)
        if not looked:
            yield self.not_exercised("state", "no state file was seen while it changed")
