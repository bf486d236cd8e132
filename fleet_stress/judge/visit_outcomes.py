"""What came of visits to crash points, from the evidence of each alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, Finding

_VISIT = "visit"


class Outcome(NamedTuple):
    """A point's verdict, and why."""

    point: Mapping[str, Any]
    verdict: str
    reasons: tuple[str, ...]


def outcomes(
    case: Case, visits: Mapping[str, Any], findings: Callable[[Case], Iterable[Finding]]
) -> list[Outcome]:
    """Of all points of a ``visit`` step. ``findings`` judges one visit like any scenario."""
    by_number = dict(enumerate(visits["points"], start=1))
    seen: dict[int, tuple[str, tuple[str, ...]]] = {}
    judged = []
    for number, point in by_number.items():
        if visits["only"] not in (None, point["name"]):
            continue
        visited = point["by"] or number
        if visited not in seen:
            seen[visited] = _judged(case, by_number[visited], findings)
        judged.append(Outcome(point, *seen[visited]))
    return judged


def _judged(
    case: Case, point: Mapping[str, Any], findings: Callable[[Case], Iterable[Finding]]
) -> tuple[str, tuple[str, ...]]:
    folder = case.folder / point["evidence"]
    try:
        scenario = json.loads(folder.with_name(f"{folder.name}.json").read_text(encoding="utf-8"))
        evidence = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    except OSError as problem:
        return ERROR, (f"there is no evidence of the visit: {problem.strerror}: {point['evidence']}",)
    if evidence["error"]:
        return ERROR, (evidence["error"],)
    visit = Case(evidence, folder, case.bot, scenario)
    given = list(findings(visit))
    failed = [finding.reason for finding in given if finding.verdict == FAILED]
    unproven = [finding.reason for finding in given if finding.verdict != FAILED]
    if not visit.took_effect():  # whatever happened then did not happen because of it
        return NOT_EXERCISED, tuple(unproven or failed or ("the operation never came",))
    return (FAILED if failed else NOT_EXERCISED if unproven else PASSED), tuple(failed or unproven)


def findings_of(case: Case, visits: Mapping[str, Any], given: Iterable[Outcome]) -> Iterator[Finding]:
    """One finding for each point that the bot did not survive, or was not proved to."""
    if not visits["points"]:
        reason = "no point was found: the recording has no whole steady cycle with operations on the disk"
        yield Finding(_VISIT, "recording", reason, NOT_EXERCISED)
    for outcome in given:
        if outcome.verdict == PASSED:
            continue
        point = outcome.point
        more = f" (and {len(outcome.reasons) - 1} more)" if len(outcome.reasons) > 1 else ""
        why = outcome.reasons[0] + more
        same = "" if not point["by"] else f" (the same disk as {visits['points'][point['by'] - 1]['told']})"
        evidence = (visits["points"][point["by"] - 1] if point["by"] else point)["evidence"]
        again = f"-e scenarios={case.scenario['id']} -e point={point['name']}"
        reason = f"{point['told']}{same}: {why}; to repeat just this one: {again}"
        yield Finding(_VISIT, point["name"], reason, outcome.verdict, (evidence,))


def notes(visits: Mapping[str, Any], figures: Mapping[str, int]) -> Iterator[str]:
    """What was visited, and what limits it."""
    yield (
        f"{figures['known']} points of {figures['classes']} classes of operations: {figures['visited']} visited,"
        f" {figures['survived']} survived, by {figures['visits']} visits (equal disks once)"
    )
    if visits["only"] is not None:
        yield f"only the point {visits['only']} was asked for"
    if visits["points"] and not visits["twice"]:
        yield "no two consecutive cycles of the recording had the same operations: those of the last one are visited"


def figures(visits: Mapping[str, Any], given: Iterable[Outcome]) -> dict[str, int]:
    """How many points there are, how many were visited, how many of those survived, and how many visits that took."""
    given = list(given)
    visited = [outcome for outcome in given if outcome.verdict in (PASSED, FAILED)]
    return {
        "classes": len(set(visits["cycle"])),
        "known": len(visits["points"]),
        "visited": len(visited),
        "survived": sum(outcome.verdict == PASSED for outcome in visited),
        "visits": sum(not outcome.point["by"] for outcome in given),
    }
