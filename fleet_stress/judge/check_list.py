"""All checks of a row, and what became of each: what held is told as well as what did not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.grounds import STEPS
from fleet_stress.judge.left_out import FAULT
from fleet_stress.store.verdict import ERROR, FAILED, KNOWN, NOT_EXERCISED, SKIPPED, Finding

#: What became of a check. ``known`` comes from the list of known findings, so the controller alone gives it.
HELD, MASKED, NOT_PROVED, LEFT_OUT = "held", "masked", "not_proved", "left_out"
#: By precedence, where a check has several findings. ``failed`` is also a verdict.
STATES = (FAILED, MASKED, NOT_PROVED, KNOWN, LEFT_OUT, HELD)
#: Ours, beside the checks: the visits to crash points.
VISIT = "visit"
_TITLES = {
    STEPS: "the scenario runs to its end",
    FAULT: "the fault takes effect",
    VISIT: "the bot survives a kill at every point of a cycle",
}
_STATES = {FAILED: FAILED, ERROR: NOT_PROVED, NOT_EXERCISED: NOT_PROVED, SKIPPED: LEFT_OUT}


class Looked(NamedTuple):
    """One look at a scenario's evidence: a check with its arguments, and what it found."""

    check: str
    arguments: Mapping[str, Any] = {}
    findings: tuple[Finding, ...] = ()
    #: What was seen where it found nothing: ``exit code 0``.
    seen: str | None = None
    #: Why finding nothing proves nothing; None: it does.
    unproven: str | None = None
    #: Whether that is because the profile names nothing to look at.
    unasked: bool = False


def title(check: str) -> str:
    """What holds where a check finds nothing. Of a check that is not known, its name."""
    known = CHECKS.get(check)
    return known.title if known else _TITLES.get(check, check)


def unjudged(expected: Iterable[Mapping[str, Any]], why: str) -> Iterator[Looked]:
    """The checks of a scenario that were not asked, and why."""
    for item in expected:
        yield Looked(item["check"], item["args"], unproven=why)


def check_list(
    looked: Iterable[Looked], is_masked: Callable[[Finding], bool], otherwise: str = NOT_PROVED
) -> list[dict[str, Any]]:
    """The ``checks`` of an entry in ``result.json``.

    ``is_masked``: whether the baseline failed in a finding too. ``otherwise``: the state of what proves nothing.
    """
    return [_row(item, is_masked, otherwise) for item in looked]


def _row(looked: Looked, is_masked: Callable[[Finding], bool], otherwise: str) -> dict[str, Any]:
    row = {"check": looked.check, "arguments": dict(looked.arguments)}
    found = [
        (
            MASKED if finding.verdict != SKIPPED and is_masked(finding) else _STATES[finding.verdict],
            finding.reason,
        )
        for finding in looked.findings
    ]
    if found:
        state, reason = min(found, key=lambda pair: STATES.index(pair[0]))
        subjects = list(dict.fromkeys(finding.subject for finding in looked.findings))
        return {**row, "state": state, "reason": reason, "subjects": subjects}
    if looked.unproven:
        return {**row, "state": LEFT_OUT if looked.unasked else otherwise, "reason": looked.unproven}
    return {**row, "state": HELD, **({"seen": looked.seen} if looked.seen else {})}
