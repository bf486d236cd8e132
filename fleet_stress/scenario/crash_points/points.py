"""From a recording to the points to visit: pure functions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fleet_stress.faulty_fs.shipped import rules
from fleet_stress.scenario.crash_points.classes import Class, Steady
from fleet_stress.scenario.crash_points.equal_disks import Disk, disk_of, loses_nothing
from fleet_stress.scenario.crash_points.operations import Operation


class Point(NamedTuple):
    """One class of operations, and what happens at it."""

    #: As a command names it: ``kill:after:rename:state/a.tmp+a:1``.
    name: str
    #: For people: ``kill after rename state/a.tmp → a``.
    summary: str
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
    for index, kind in enumerate(cycle.classes):
        for answer in answers:
            rule = _rule(operations, cycle.begins + index, kind, answer)
            if rules.impossible([rule]):  # a short write of an operation that does not write
                continue
            words = ",".join(f"{name}:{value}" for name, value in answer.items())
            name, summary = _unused(f"{words}:{kind.word}", found), f"{_summary(answer)} {kind.summary}"
            disk = disk_of(answer, operations, cycle.begins, index)
            if "forget" in answer and loses_nothing(disk):
                continue  # everything was durable: only a kill
            by = first.setdefault(disk, name) if disk is not None else name
            found.append(Point(name, summary, kind.folder, rule, by if by != name else None))
    return found


def _unused(name: str, found: Sequence[Point]) -> str:
    """A name that no point has yet: files that differ only in what a shell could interpret get the same name."""
    known = {candidate.name for candidate in found}
    return next(
        candidate
        for candidate in itertools.chain([name], (f"{name}:{n}" for n in itertools.count(2)))
        if candidate not in known
    )


def _summary(answer: Mapping[str, Any]) -> str:
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
