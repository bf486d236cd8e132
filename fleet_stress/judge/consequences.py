"""Which findings of a row follow from another: the cause is told first, and what follows from it under it.

A start that dies of an exception also ends with the wrong exit code, saves nothing any more and cannot be waited for. A
scenario that could not be run to its end lacks what would have come then. Nothing is left out: what follows still is a
finding, and still counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet_stress.judge.grounds import STEPS
from fleet_stress.store.verdict import FAILED, Finding

#: Checks whose findings name an exception, with the start that died of it.
_OF_EXCEPTIONS = ("no_traceback", "traceback_rate")


def cause_of(finding: Finding, findings: Sequence[Finding]) -> Finding | None:
    """The finding of the same row that one follows from; None: none, or it is the cause itself."""
    failed = [other for other in findings if other.verdict == FAILED]
    deadly = [other for other in failed if other.check in _OF_EXCEPTIONS and other.start is not None]
    cut = next((other for other in failed if other.check == STEPS), None)
    if finding.verdict != FAILED or finding.check in _OF_EXCEPTIONS:
        return None
    of_its_start = next((other for other in deadly if other.start == finding.start), None)
    if of_its_start is not None:
        return of_its_start
    if cut is None or finding is cut or finding.start not in (None, cut.start):
        return None
    return next((other for other in deadly if other.start == cut.start), cut)


def causes_first(findings: Sequence[Finding]) -> list[Finding]:
    """Those that follow from another come last."""
    return sorted(findings, key=lambda finding: cause_of(finding, findings) is not None)
