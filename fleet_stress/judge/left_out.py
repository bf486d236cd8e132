"""What a profile leaves out, or a bot does not have, is not looked at.

That is a note, or, where it is all that a row is about, ``skipped``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case, stood_at
from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.readings import outages
from fleet_stress.store.verdict import NOT_EXERCISED, SKIPPED, Finding

#: Stands for a check in a finding about a fault that did not take effect.
FAULT = "fault"
#: They break one way to the exchange, and leave others.
_OF_ONE_WAY = ("bad_dns", "dead_proxy")


class LeftOut(NamedTuple):
    """What checks of a row did not look at, and why."""

    reasons: list[str]
    #: Whether nothing is left that the row could say of its fault.
    is_all: bool


def nothing_to_hit(case: Case, fault: Mapping[str, Any]) -> bool:
    """Whether a fault that did not take effect could not: the bot does not use what it breaks.

    The fault says so itself; or the bot had its data all the same, on another way; or, where nothing tells of its data,
    it finished cycles without ever going the way that was broken. Not where another fault of the kind did hit it: then
    it goes that way, and did not while this one stood.
    """
    if fault["proof"].get("nothing_to_hit"):
        return True
    goes_that_way = any(
        other["bit"] and other["fault"] == fault["fault"] for other in case.evidence["faults"]
    )
    return fault["fault"] in _OF_ONE_WAY and not goes_that_way and _had_its_data(case, fault)


def _had_its_data(case: Case, fault: Mapping[str, Any]) -> bool:
    source = case.bot.get("data_source")
    if source:
        live = [word.at for word in outages.sources(case) if word.source == source["live"]]
    else:
        live = [float(cycle["at"]) for start in case.starts for cycle in start["cycles"]]
    return any(stood_at(fault, at) for at in live)


def logs_nothing(case: Case) -> bool:
    """Whether the last start had written to none of its logs when it ended."""
    return bool(case.bot["logs"]) and all(
        not case.end_of(start["after"], key) for start in case.starts[-1:] for key in case.text_logs(start)
    )


def without_echoes(findings: Iterable[Finding]) -> list[Finding]:
    """Of a row whose faults all had nothing to hit: without what checks that rest on a fault could not prove.

    They miss a fault whose absence is told already.
    """
    findings = list(findings)
    missed = [finding.verdict for finding in findings if finding.check == FAULT]
    if not missed or NOT_EXERCISED in missed:
        return findings
    return [
        finding
        for finding in findings
        if finding.verdict != NOT_EXERCISED or not getattr(CHECKS.get(finding.check), "faults", ())
    ]


def left_out(scenario: Mapping[str, Any], findings: Iterable[Finding]) -> LeftOut:
    """Of the findings of a row; a row without a check that rests on a fault is about everyday behaviour."""
    skipped = [finding for finding in findings if finding.verdict == SKIPPED]
    names = {finding.check for finding in skipped}
    about_it = {expected["check"] for expected in scenario["expect"] if CHECKS[expected["check"]].faults}
    is_all = FAULT in names or (bool(about_it) and about_it <= names)
    return LeftOut(list(dict.fromkeys(finding.reason for finding in skipped)), is_all)
