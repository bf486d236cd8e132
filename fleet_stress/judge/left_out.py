"""What a profile leaves out is not looked at: a note, or, where that is all that a row is about, ``skipped``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.checks import CHECKS
from fleet_stress.store.verdict import SKIPPED, Finding


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
    return LeftOut(
        list(dict.fromkeys(finding.reason for finding in skipped)), bool(about_it) and about_it <= names
    )
