"""``no_process_left``: when the bot has exited, no process that it started runs on (all rows).

Who is killed (SIGKILL, by whomever) can end nobody else, so what is left of it then is no fault of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.store.exit_words import could_end_others


class NoProcessLeft(Check):
    """One finding that names the processes left behind by the first start that left any."""

    title = "no process is left behind"
    timed = True

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        for start in case.starts:
            if start["left"] and could_end_others(start["exit"]):
                named = ", ".join(process["cmdline"] or process["name"] for process in start["left"])
                reason = (
                    f"start {start['n']} left {len(start['left'])} processes behind: {named}{_advice(start)}"
                )
                yield self.failed("processes", reason, start=start["n"])
                return


def _advice(start: Mapping[str, Any]) -> str:
    """For one that may be a daemon, which its profile has to say."""
    detached = start["exit"]["code"] == 0 and start["exit"]["by"] == "itself" and not start["signals"]
    if not detached or any(cycle["at"] < start["exit"]["at"] for cycle in start["cycles"]):
        return ""
    return "; if the bot detaches itself (daemonizes), its profile has to say so: `daemon`"
