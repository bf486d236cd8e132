"""From a recording to the points to visit: pure functions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fleet_stress.faulty_fs.shipped import rules
from fleet_stress.scenario.crash_points.classes import Class
from fleet_stress.scenario.crash_points.compare import Recorded, Steady
from fleet_stress.scenario.crash_points.equal_disks import Disk, disk_of, loses_nothing
from fleet_stress.scenario.crash_points.operations import Operation

#: Of a run of one operation on one file, so many have points: the first, some in the middle, the last.
_OF_A_RUN = 5


_Which = tuple[str, str, tuple[str, ...]]


class Point(NamedTuple):
    """One operation of a cycle, and what happens at it."""

    #: As a command names it: ``kill:after:rename:state/a.tmp+a:1``.
    name: str
    #: For people: ``kill after rename state/a.tmp → a``.
    summary: str
    #: What happens, and the class without its ordinal: what points of one kind have in common.
    answer: str
    kind: Class
    #: The rule that does it, and the folder whose file system has it.
    folder: str
    rule: dict[str, Any]
    #: The name of the point that is visited instead, where both leave the same disk.
    by: str | None = None


def points(
    operations: Sequence[Operation], cycle: Steady, answers: Sequence[Mapping[str, Any]]
) -> list[Point]:
    """All points of a steady cycle, in its order."""
    found: list[Point] = []
    first: dict[Disk, str] = {}
    for index, kind in _with_points(cycle):
        for answer in answers:
            operation = operations[cycle.begins + index]
            rule = _rule(operations, cycle.begins + index, kind, answer)
            if rules.impossible([rule]):  # a short write of an operation that does not write
                continue
            if _by_half(answer) and operation.size < 2:
                continue  # one byte has no half
            point = _point(kind, answer, rule, found)
            disk = disk_of(answer, operations, cycle.begins, index)
            if "forget" in answer and loses_nothing(disk):
                continue  # everything was durable: only a kill
            by = first.setdefault(disk, point.name) if disk is not None else point.name
            found.append(point if by == point.name else point._replace(by=by))
    return found


def occasional(
    recordings: Sequence[Recorded], cycle: Steady, answers: Sequence[Mapping[str, Any]]
) -> list[Point]:
    """Points in the middle of writes that are not in every cycle, for each file: a trade is appended when there is one.

    Half of a last line is what a kill leaves of such a file, and nothing of a steady cycle. Only of files that all
    recordings write by the same name, so that it probably comes again.
    """
    steady = {(kind.operation, kind.folder, kind.paths) for kind in cycle.classes if kind is not None}
    first, *others = (recorded.operations for recorded in recordings)
    everywhere = [{_which(operation) for operation in other} for other in others]
    found: list[Point] = []
    seen: set[_Which] = set()
    for index in range(recordings[0].cycles[0][0], len(first)):
        operation, which = first[index], _which(first[index])
        if operation.folder != "state" or operation.size < 2 or which in steady | seen:
            continue
        if not everywhere or not all(which in other for other in everywhere) or len(seen) >= _OF_A_RUN:
            continue
        seen.add(which)
        kind = Class(*which, 1)
        for answer in answers:
            rule = _rule(first, index, kind, answer)
            if _by_half(answer) and not rules.impossible([rule]):
                found.append(_point(kind, answer, rule, found))
    return found


def _point(kind: Class, answer: Mapping[str, Any], rule: dict[str, Any], found: Sequence[Point]) -> Point:
    words = ",".join(name if value is True else f"{name}:{value}" for name, value in answer.items())
    name, summary = _unused(f"{words}:{kind.word}", found), f"{_summary(answer)} {kind.summary}"
    return Point(name, summary, words, kind._replace(nth=1), kind.folder, rule)


def _which(operation: Operation) -> _Which:
    return operation.name, operation.folder, operation.paths


def _with_points(cycle: Steady) -> Iterator[tuple[int, Class]]:
    """The operations that have points, by their index: of a long run of the same only some."""
    runs: dict[int, int] = {}
    for run in _runs(cycle.classes):
        kept = {round(part * (len(run) - 1) / (_OF_A_RUN - 1)) for part in range(_OF_A_RUN)}
        runs.update({index: at for at, index in enumerate(run) if len(run) <= _OF_A_RUN or at in kept})
    for index, kind in enumerate(cycle.classes):
        if kind is not None and index in runs:
            yield index, kind


def _runs(classes: Sequence[Class | None]) -> Iterator[list[int]]:
    """The same operation on the same file again and again, with nothing but others on that file between."""
    open_runs: dict[Class, list[int]] = {}
    for index, kind in enumerate(classes):
        if kind is None:
            continue
        if any((run.folder, run.paths) != (kind.folder, kind.paths) for run in open_runs):
            yield from open_runs.values()
            open_runs = {}
        open_runs.setdefault(kind._replace(nth=1), []).append(index)
    yield from open_runs.values()


def _by_half(answer: Mapping[str, Any]) -> bool:
    return answer.get("kill") == "half" or "half" in answer


def _unused(name: str, found: Sequence[Point]) -> str:
    """A name that no point has yet: files that differ only in what a shell could interpret get the same name."""
    known = {candidate.name for candidate in found}
    return next(
        candidate
        for candidate in itertools.chain([name], (f"{name}:{n}" for n in itertools.count(2)))
        if candidate not in known
    )


def _summary(answer: Mapping[str, Any]) -> str:
    if answer.get("kill") == "half":
        answer = {**answer, "kill": "in the middle of"}
    if "half" in answer:
        return f"{answer['errno']} in the middle of"
    return " ".join(
        f"{name} {value}" if name != "errno" else str(value) + " at" for name, value in answer.items()
    )


def _rule(
    operations: Sequence[Operation], index: int, kind: Class, answer: Mapping[str, Any]
) -> dict[str, Any]:
    """The rule that hits exactly this operation, in a run like the recording."""
    operation = operations[index]
    # Of two names the second is the one that lasts; a rule matches either.
    pattern = "/".join(re.sub(r"([\[?])", r"[\1]", part) for part in kind.paths[-1].split("/"))
    rule = {"on": [operation.name], "path": pattern, "at": 1, **answer}
    counted = rules.Rules([{"on": [operation.name], "path": pattern, "delay": 0}])
    before = sum(
        bool(counted.ask(other.name, other.paths).rules)
        for other in operations[:index]
        if other.folder == operation.folder
    )
    return {**rule, "at": before + 1}
