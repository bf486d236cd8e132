"""``keeps_cycling``: cycles go on while the network is gone, without a long pause (4.1, 4.2, 4.3).

A bot that is driven by its feed has none meanwhile: it has to live on, say so (``fell_back``), and go on afterwards,
for which the scenario waits.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import cycles, outages
from fleet_stress.store.contract import OUTAGES


class KeepsCycling(Check):
    """A finding for each window with too few cycles or too long a pause."""

    title = "cycles go on while the network is gone"
    faults = OUTAGES
    timed = True
    counts = True
    arguments = cycles.ARGUMENTS
    required = ("cycles",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        windows = outages.windows(case)
        if not windows:
            why = "the network was never cut"
            yield self.not_exercised("cycles", why)
        if case.bot["cycle"].get("driven_by") == "feed":
            return
        limit = float(arguments.get("longest_pause", float("inf")))
        for window in windows:
            finished, longest = cycles.finished_in(case.starts, window)
            if finished < arguments["cycles"]:
                reason = (
                    f"{finished} cycles were finished in the {window.until - window.at:.1f} s in which"
                    f" {window.fault} was active, where {arguments['cycles']} were expected"
                )
                yield self.failed("cycles", reason)
            if longest > limit:
                reason = (
                    f"a pause of {longest:.1f} s between cycles while {window.fault} was active;"
                    f" the limit is {limit:g} s"
                )
                yield self.failed("pause", reason)

    def unasked(self, case: Case, arguments: Arguments) -> str | None:
        """A bot that its feed drives has no cycles without it."""
        driven = case.bot["cycle"].get("driven_by") == "feed"
        return "the bot's cycles are driven by its feed" if driven else None
