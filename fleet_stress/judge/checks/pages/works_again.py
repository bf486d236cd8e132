"""``works_again``: once the fault is lifted, a page answers as it did before (5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.judge.readings import probes as probed
from fleet_stress.store.verdict import Finding


class WorksAgain(Check):
    """A finding for each page that was met by a fault and does not answer like its control afterwards."""

    title = "when the fault is gone all is as before"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        probes = probed.under_fault(case)
        if not probes:
            yield self.not_exercised("probe", "no page was asked while a fault stood")
        for probe, fault in probes:
            page, control, after = probe["page"], probed.control(case, probe), probed.afterwards(case, probe)
            if control is None or not probed.answered(control):
                said = "was not asked" if control is None else f"said: {probed.told(control)}"
                reason = f"the page {page} {said} before the fault; there is nothing to be as before"
                yield self.not_exercised(page, reason)
            elif not probed.met(probe, fault):
                reason = (
                    f"the page {page} did not meet the fault {fault['fault']}, so nothing was to be mended"
                )
                yield self.not_exercised(page, reason)
            elif after is None:
                reason = f"the page {page} was not asked after the fault was lifted"
                yield self.not_exercised(page, reason)
            elif not probed.answered(after):
                reason = f"the page {page} still fails after the fault is gone: {probed.told(after)}"
                yield self.failed(page, reason, evidence=(after["output"],))
            elif probed.shape(after["body"]) != probed.shape(control["body"]):
                reason = (
                    f"the page {page} answers otherwise than before the fault: {probed.told(after)};"
                    f" before: {probed.told(control)}"
                )
                yield self.failed(page, reason, evidence=(control["output"], after["output"]))
