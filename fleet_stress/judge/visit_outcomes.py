"""What came of the visits, from the evidence of each alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, Finding

_VISIT = "visit"


class Outcome(NamedTuple):
    """Of one point: a verdict, and why."""

    point: Mapping[str, Any]
    verdict: str
    reasons: tuple[str, ...]


def outcomes(
    case: Case, visits: Mapping[str, Any], findings: Callable[[Case], Iterable[Finding]]
) -> list[Outcome]:
    """Of all points that a ``visit`` step had to go to. ``findings`` judges one visit like any scenario."""
    by_number = dict(enumerate(visits["points"], start=1))
    seen: dict[int, tuple[str, tuple[str, ...]]] = {}
    found = []
    for number, point in by_number.items():
        if visits["only"] not in (None, point["name"]):
            continue
        visited = point["by"] or number
        if visited not in seen:
            seen[visited] = _judged(case, by_number[visited], findings)
        found.append(Outcome(point, *seen[visited]))
    return found


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
    met = any(one["bit"] for one in evidence["faults"])
    given = list(findings(Case(evidence, folder, case.bot, scenario)))
    failed = [one.reason for one in given if one.verdict == FAILED]
    unproven = [one.reason for one in given if one.verdict != FAILED]
    if not met:  # whatever happened then did not happen because of it
        return NOT_EXERCISED, tuple(unproven or failed or ("the operation did not come",))
    return (FAILED if failed else NOT_EXERCISED if unproven else PASSED), tuple(failed or unproven)


def findings_of(case: Case, visits: Mapping[str, Any], given: Iterable[Outcome]) -> Iterator[Finding]:
    """One finding for each point that was not survived, or not proved to be. ``error``: our own, as everywhere."""
    if not visits["points"]:
        reason = "no point was found: the recording has no whole steady cycle with operations on the disk"
        yield Finding(_VISIT, "recording", reason, NOT_EXERCISED)
    for one in given:
        if one.verdict == PASSED:
            continue
        point = one.point
        more = f" (and {len(one.reasons) - 1} more)" if len(one.reasons) > 1 else ""
        why = one.reasons[0] + more
        stands = "" if not point["by"] else f" (the same disk as {visits['points'][point['by'] - 1]['told']})"
        evidence = (visits["points"][point["by"] - 1] if point["by"] else point)["evidence"]
        again = f"-e scenarios={case.scenario['id']} -e point={point['name']}"
        reason = f"{point['told']}{stands}: {why}; just this one again: {again}"
        yield Finding(_VISIT, point["name"], reason, one.verdict, (evidence,))


def notes(visits: Mapping[str, Any], figures: Mapping[str, int]) -> Iterator[str]:
    """What was visited, in a sentence; and where that is less than it may seem."""
    yield (
        f"{figures['known']} points of {figures['classes']} classes of operations: {figures['visited']} visited,"
        f" {figures['survived']} survived, by {figures['visits']} visits (equal disks once)"
    )
    if visits["only"] is not None:
        yield f"only the point {visits['only']} was asked for"
    if visits["points"] and not visits["twice"]:
        yield "no two cycles of the recording in a row had the same operations: the last one's are visited"


def figures(visits: Mapping[str, Any], given: Iterable[Outcome]) -> dict[str, int]:
    """How many points there are, how many were visited, how many of those survived, and how many visits that took."""
    given = list(given)
    visited = [one for one in given if one.verdict in (PASSED, FAILED)]
    return {
        "classes": len(set(visits["cycle"])),
        "known": len(visits["points"]),
        "visited": len(visited),
        "survived": sum(one.verdict == PASSED for one in visited),
        "visits": sum(not one.point["by"] for one in given),
    }
