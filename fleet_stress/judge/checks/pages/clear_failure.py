"""``clear_failure``: a page that needs what is broken fails and says why; it shows no number (5.2, 5.3).

First comes the control: the same page answers without the fault. A page that fails anyway proves nothing. A fault
that did not hit this very probe proves nothing either, unless it hit another page, or the bot itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import probes as probed


class ClearFailure(Check):
    """A finding for each probe under a fault that did not fail clearly."""

    title = "a page that needs what is broken fails and says why"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        probes = probed.under_fault(case)
        if not probes and case.bot.get("web"):
            yield self.not_exercised("probe", "no page was requested while a fault was active")
        for probe, fault in probes:
            page, control = probe["page"], probed.control(case, probe)
            if control is None or not probed.answered(control):
                why = probed.no_control(control)
                reason = f"the page {page} {why}, so its answer under the fault proves nothing"
                yield self.not_exercised(page, reason, evidence=_evidence(control))
            elif not probed.hit(probe, fault):
                if probed.hit_elsewhere(fault):
                    continue
                reason = f"the fault {fault['fault']} did not hit the page {page}"
                yield self.not_exercised(page, reason, evidence=_evidence(probe))
            else:
                wrong = _unclear(probe, fault)
                if wrong:
                    reason = f"the page {page} {wrong}"
                    yield self.failed(page, reason, evidence=_evidence(probe), timed=probe["status"] is None)


def _unclear(probe: probed.Probe, fault: Mapping[str, Any]) -> str | None:
    status, error = probe["status"], str(probe["error"] or "")
    if status is not None and status >= 500:
        return None
    if status is not None:
        wrong = " as if nothing were wrong" if status < 400 else ", which does not say what is wrong"
        return f"answered {status}{wrong}: {str(probe['body']).strip()[:120]}"
    module = str(fault["proof"].get("module", fault["fault"]))
    if module in error or "RuntimeError" in error or "ImportError" in error:
        return None
    return f"did not answer and did not say why: {error[:200]}"


def _evidence(probe: probed.Probe | None) -> tuple[str, ...]:
    return () if probe is None else (probe["output"],)
