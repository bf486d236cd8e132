"""``write_failure_told``: a bot whose writes failed on a full disk reports it somewhere (1.4, 1.6, 6.2).

Its log may be on the full disk itself, so standard error counts as well. What it has to say is the profile's
``messages.write_failed``, which names the full disk: another failure is not this one. A bot whose profile does not
say it may use the system's own words for the error; if it does not, nothing is proved.
"""

from __future__ import annotations

import re

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import full_disk
from fleet_stress.store.verdict import Finding

#: The error as the C library, errno(3) and SQLite name it, on Linux and macOS.
_BY_ERRNO = r"\bENOSPC\b|No space left on device|\[Errno 28\]|database or disk is full"


class WriteFailureTold(Check):
    """A finding where a write was lost in silence; it proves nothing where none was lost."""

    title = "a write that failed on a full disk is reported"
    faults = ("fill",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        pattern = (case.bot.get("messages") or {}).get("write_failed")
        disks = full_disk.full_disks(case)
        if not disks:
            yield self.not_exercised("disk", full_disk.NEVER_FULL)
        for full in disks:
            if not full.tried and full.proof.get("cut_off"):
                continue  # all that was lost are lines of its log, which is where it would say so
            if _reported(case, full, pattern or _BY_ERRNO):
                continue
            if pattern:
                yield self._silent(case, full)
            else:
                reason = (
                    "the bot does not name the error, and its profile does not say how it reports a failed write"
                    " (messages.write_failed)"
                )
                yield self.skipped("messages", reason)

    def _silent(self, case: Case, full: full_disk.FullDisk) -> Finding:
        lost = list(filter(None, (full_disk.unwritten(full, role) for role in case.roles)))
        if not lost and (went_on := full_disk.went_on(full)):
            return self.skipped(
                "disk", f"the bot did not hit the full disk: it needed no more of it ({went_on})"
            )
        if not full.tried or not lost:
            reason = (
                f"the bot did not hit the full disk: it tried {full.tried} writes in its {full.proof['folder']} folder"
                " while no byte was free, and no file shows that a write failed"
            )
            return self.not_exercised("disk", reason)
        names = ", ".join(full.proof["tried"])
        reason = (
            f"the disk was full, the bot tried to write {full.tried} times ({names}), {lost[0]}, and neither its"
            " output nor its logs report it"
        )
        evidence = tuple(start["stderr"] for start in full_disk.running(case, full))
        finding = self.failed if case.all_read() else self.not_exercised
        return finding("silence", reason, evidence=evidence)


def _reported(case: Case, full: full_disk.FullDisk, pattern: str) -> bool:
    for start in full_disk.running(case, full):
        texts = [case.text(start[stream]) for stream in ("stdout", "stderr")]
        texts += [case.gained(start, key)[0] for key in case.text_logs(start)]
        if any(re.search(pattern, text) for text in texts):
            return True
    return False
