"""``works_again``: once the fault is reverted, a page answers as it did before (5.4)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import probes as probed


class WorksAgain(Check):
    """A finding for each page that a fault hit and that does not answer like its control afterwards."""

    title = "when the fault is gone, pages answer as before"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        probes = probed.under_fault(case)
        if not probes and case.bot.get("web"):
            yield self.not_exercised("probe", "no page was requested while a fault was active")
        for probe, fault in probes:
            page, control, after = probe["page"], probed.control(case, probe), probed.afterwards(case, probe)
            if control is None or not probed.answered(control):
                why = probed.no_control(control)
                reason = f"the page {page} {why}, so there is nothing to compare with"
                yield self.not_exercised(page, reason)
            elif not probed.hit(probe, fault):
                if probed.hit_elsewhere(fault):
                    continue
                reason = f"the fault {fault['fault']} did not hit the page {page}, so there was nothing to recover from"
                yield self.not_exercised(page, reason)
            elif after is None:
                reason = f"the page {page} was not requested after the fault was reverted"
                yield self.not_exercised(page, reason)
            elif not probed.answered(after):
                reason = f"the page {page} still fails after the fault was reverted: {probed.describe(after)}"
                yield self.failed(page, reason, evidence=(after["output"],), timed=after["status"] is None)
            elif probed.shape(after["body"]) != probed.shape(control["body"]):
                reason = (
                    f"the page {page} answers differently than before the fault: {probed.describe(after)};"
                    f" before: {probed.describe(control)}"
                )
                yield self.failed(page, reason, evidence=(control["output"], after["output"]))
