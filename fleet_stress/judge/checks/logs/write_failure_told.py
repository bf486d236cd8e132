"""``write_failure_told``: a bot whose writes failed on a full disk says so, somewhere (1.4, 1.6).

Its log may lie on the full disk itself, so what it says on standard error counts as well. What it has to say
is the profile's ``messages.write_failed``, which names the full disk: another failure is not this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.judge.readings import full_disk
from fleet_stress.store.verdict import Finding


class WriteFailureTold(Check):
    """A finding where a write was lost in silence, or where none was."""

    title = "a write that failed on a full disk is told of"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        pattern = (case.bot.get("messages") or {}).get("write_failed")
        if not pattern:
            reason = "the bot profile does not say how it tells of a failed write (messages.write_failed)"
            yield self.not_exercised("messages", reason)
            return
        disks = full_disk.full_disks(case)
        if not disks:
            yield self.not_exercised("disk", full_disk.NOT_MET)
        for full in disks:
            if not _told(case, full, pattern):
                yield self._silent(case, full)

    def _silent(self, case: Case, full: full_disk.FullDisk) -> Finding:
        told = (full_disk.unwritten(full, role) for role in case.roles)
        lost = [one for one in told if one]
        if not full.tried or not lost:
            reason = (
                f"the bot met no full disk: it tried {full.tried} writes in its {full.proof['folder']} folder"
                " while no byte was free, and no file shows that one failed"
            )
            return self.not_exercised("disk", reason)
        names = ", ".join(full.proof["tried"])
        reason = (
            f"the disk was full, the bot tried to write {full.tried} times ({names}), {lost[0]}, and neither its"
            " output nor its logs say that a write failed"
        )
        evidence = tuple(one["stderr"] for one in full_disk.met_by(case, full))
        return self.failed("silence", reason, evidence=evidence)


def _told(case: Case, full: full_disk.FullDisk, pattern: str) -> bool:
    for start in full_disk.met_by(case, full):
        texts = [case.text(start[stream]) for stream in ("stdout", "stderr")]
        texts += [case.gained(start, key)[0] for key in case.text_logs(start)]
        if any(re.search(pattern, text) for text in texts):
            return True
    return False
