"""What came of visits to crash points, from the evidence of each alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Callable, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.judge.check_list import VISIT
from fleet_stress.judge.consequences import causes_first
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, SKIPPED, Finding

#: So many are named of a list that may be long.
_NAMED = 5


class Outcome(NamedTuple):
    """A point's verdict, and why."""

    point: Mapping[str, Any]
    verdict: str
    reasons: tuple[str, ...]


def outcomes(
    case: Case, visits: Mapping[str, Any], findings: Callable[[Case], Iterable[Finding]]
) -> list[Outcome]:
    """Of all points that a ``visit`` step came to. ``findings`` judges one visit like any scenario."""
    by_number = dict(enumerate(visits["points"], start=1))
    seen: dict[int, tuple[str, tuple[str, ...]]] = {}
    judged = []
    for number, point in by_number.items():
        if visits["only"] not in (None, point["name"]):
            continue
        visited = point["by"] or number
        if by_number[visited]["evidence"] is None:
            continue  # the budget was spent before
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
    learnt = case.worth_of_a_cycle, case.counted_lines, case.filed_records
    visit = Case(evidence, folder, case.bot, scenario, *learnt)
    given = list(findings(visit))
    failed = [finding.reason for finding in causes_first(given) if finding.verdict == FAILED]
    unproven = [finding.reason for finding in given if finding.verdict not in (FAILED, SKIPPED)]
    if not visit.took_effect():  # whatever happened then did not happen because of it
        return NOT_EXERCISED, tuple(unproven or failed or ("the operation never came",))
    return (FAILED if failed else NOT_EXERCISED if unproven else PASSED), tuple(failed or unproven)


def findings_of(case: Case, visits: Mapping[str, Any], given: Iterable[Outcome]) -> Iterator[Finding]:
    """One finding for each point that the bot did not survive, or was not proved to.

    A point that proved nothing (its operation did not come again, too little was seen) is a note where another of its
    class proved something; where not every class is asked for, if any point did; and of what is not in every cycle.
    """
    given = list(given)
    if not visits["points"]:
        reason = (
            "no point was found: the recordings have no whole cycles with operations on the disk in common"
        )
        yield Finding(VISIT, "recording", reason, NOT_EXERCISED)
    left = _left(visits)
    if left and visits.get("every_class"):
        reason = (
            f"not every class was visited ({len(left)} left, the first of them {left[0]}): the budget of"
            f" {visits['budget']:g} s was spent before; raise `budget` in the scenario"
        )
        yield Finding(VISIT, "budget", reason, NOT_EXERCISED)
    proved = {_class(outcome.point) for outcome in given if outcome.verdict in (PASSED, FAILED)}
    enough = bool(proved) and not visits.get("every_class", True)
    for outcome in given:
        point = outcome.point
        not_due = enough or _class(point) in proved or point.get("sometimes")
        if outcome.verdict == NOT_EXERCISED and not_due:
            continue
        if outcome.verdict == PASSED:
            continue
        more = f" (and {len(outcome.reasons) - 1} more)" if len(outcome.reasons) > 1 else ""
        why = outcome.reasons[0] + more
        same = "" if not point["by"] else f" (the same disk as {visits['points'][point['by'] - 1]['told']})"
        evidence = (visits["points"][point["by"] - 1] if point["by"] else point)["evidence"]
        again = f"-e scenarios={case.scenario['id']} -e point={point['name']}"
        reason = f"{point['told']}{same}: {why}; to repeat just this one: {again}"
        yield Finding(VISIT, point["name"], reason, outcome.verdict, (evidence,))


def notes(visits: Mapping[str, Any], figures: Mapping[str, int], given: Iterable[Outcome]) -> Iterator[str]:
    """What was visited, and what limits it."""
    yield (
        f"{figures['known']} points of {figures['classes']} classes of operations: {figures['visited']} visited,"
        f" {figures['survived']} survived, by {figures['visits']} visits (equal disks once)"
    )
    if visits["only"] is not None:
        yield f"only the point {visits['only']} was asked for"
    elif any(_unvisited(visits)):
        yield _of_budget(visits)
    nothing = [outcome for outcome in given if outcome.verdict == NOT_EXERCISED]
    if nothing:
        first = nothing[0]
        yield f"{len(nothing)} points proved nothing, the first of them {first.point['told']}: {first.reasons[0]}"
    if visits.get("sometimes"):
        yield f"not in every cycle, so without a point: {_some(visits['sometimes'])}"
    if visits["points"] and not visits.get("twice", True):
        yield "no two consecutive cycles of the recording had the same operations: those of the last one are visited"


def _of_budget(visits: Mapping[str, Any]) -> str:
    count, left = len(list(_unvisited(visits))), _left(visits)
    classes = (
        f"; {len(left)} classes have no visited point: {_some(left)}" if left else "; every class was visited"
    )
    budget = visits.get("budget")
    spent = "" if budget is None else f" of {budget:g} s"
    return (
        f"{count} points were left when the budget{spent} was spent, the most different come first{classes}"
    )


def _unvisited(visits: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The points that were not come to, nor any that leaves the same disk."""
    points = visits["points"]
    for point in points:
        if (points[point["by"] - 1] if point["by"] else point)["evidence"] is None:
            yield point


def _left(visits: Mapping[str, Any]) -> list[str]:
    """The classes, each with what happens at them, of which no point was visited."""
    if visits["only"] is not None:
        return []
    left = {point["name"]: point for point in _unvisited(visits) if not point.get("sometimes")}
    come_to = {_class(point) for point in visits["points"] if point["name"] not in left}
    return [name for name in dict.fromkeys(map(_class, left.values())) if name not in come_to]


def _class(point: Mapping[str, Any]) -> str:
    """What happens at which class of operations. Evidence of earlier versions does not have it."""
    return str(point.get("class", point["name"]))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


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
