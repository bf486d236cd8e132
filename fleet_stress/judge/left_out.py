"""What a profile leaves out, or a bot does not have, is not looked at.

That is a note, or, where it is all that a row is about, ``skipped``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.checks import CHECKS
from fleet_stress.store.verdict import SKIPPED, Finding

#: Stands for a check in a finding about a fault that did not take effect.
FAULT = "fault"


class LeftOut(NamedTuple):
    """What checks of a row did not look at, and why."""

    reasons: list[str]
    #: Whether nothing is left that the row could say of its fault.
    is_all: bool


def left_out(scenario: Mapping[str, Any], findings: Iterable[Finding]) -> LeftOut:
    """Of the findings of a row; a row without a check that rests on a fault is about everyday behaviour."""
    skipped = [finding for finding in findings if finding.verdict == SKIPPED]
    names = {finding.check for finding in skipped}
    about_it = {expected["check"] for expected in scenario["expect"] if CHECKS[expected["check"]].faults}
    is_all = FAULT in names or (bool(about_it) and about_it <= names)
    return LeftOut(list(dict.fromkeys(finding.reason for finding in skipped)), is_all)
