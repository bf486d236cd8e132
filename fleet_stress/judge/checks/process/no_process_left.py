"""``no_process_left``: when the bot has exited, no process that it started runs on (all rows)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings


class NoProcessLeft(Check):
    """One finding that names the processes left behind by the first start that left any."""

    title = "no process is left behind"
    timed = True

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        for start in case.starts:
            if start["left"]:
                named = ", ".join(process["cmdline"] or process["name"] for process in start["left"])
                reason = f"start {start['n']} left {len(start['left'])} processes behind: {named}"
                yield self.failed("processes", reason, start=start["n"])
                return
