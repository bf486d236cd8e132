"""``killed_in_write``: kills came while a state file was being written (3.4).

An aimed kill waits for a write; this verifies that it hit one. It is about the run, not the bot, so it never fails.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings


class KilledInWrite(Check):
    """A finding when there were too few."""

    title = "kills came while a state file was being written"
    arguments = {"times": {"type": "integer", "minimum": 1, "description": "Hits needed; 1 by default."}}
    short = "times"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        kills = [signal for start in case.starts for signal in start["signals"] if signal["signal"] == "KILL"]
        hits = [signal for signal in kills if signal.get("writing")]
        needed = arguments.get("times", 1)
        if len(hits) < needed:
            reason = f"{len(hits)} of {len(kills)} kills hit the bot while it wrote a state file, of at least {needed}"
            yield self.not_exercised("kills", reason)
