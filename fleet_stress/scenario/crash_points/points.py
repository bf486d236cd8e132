"""From a recording to the points that are to be visited: pure functions."""

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
    #: As people are told: ``kill after rename state/a.tmp → a``.
    told: str
    #: Of the folder's file system: the rule that does it.
    folder: str
    rule: dict[str, Any]
    #: The name of the point that is visited in its place, where both leave the same disk.
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
            if rules.impossible([rule]):  # a short write of what is no write
                continue
            words = ",".join(f"{name}:{value}" for name, value in answer.items())
            name, told = _unused(f"{words}:{kind.word}", found), f"{_told(answer)} {kind.told}"
            disk = disk_of(answer, operations, cycle.begins, index)
            if "forget" in answer and loses_nothing(disk):
                continue  # all was durable: a kill, and no more
            by = first.setdefault(disk, name) if disk is not None else name
            found.append(Point(name, told, kind.folder, rule, by if by != name else None))
    return found


def _unused(name: str, found: Sequence[Point]) -> str:
    """Files that differ only in what a shell could misunderstand have the same name in a command."""
    known = {one.name for one in found}
    return next(
        one
        for one in itertools.chain([name], (f"{name}:{n}" for n in itertools.count(2)))
        if one not in known
    )


def _told(answer: Mapping[str, Any]) -> str:
    return " ".join(
        f"{name} {value}" if name != "errno" else str(value) + " at" for name, value in answer.items()
    )


def _rule(
    operations: Sequence[Operation], index: int, kind: Class, answer: Mapping[str, Any]
) -> dict[str, Any]:
    """The rule that meets just this operation of a run like the recording."""
    one = operations[index]
    # Of two names the second is the one that lasts; a rule is met by either.
    pattern = "/".join(re.sub(r"([\[?])", r"[\1]", part) for part in kind.paths[-1].split("/"))
    rule = {"on": [one.name], "path": pattern, "at": 1, **answer}
    counted = rules.Rules([{"on": [one.name], "path": pattern, "delay": 0}])
    before = sum(
        bool(counted.ask(other.name, other.paths).rules)
        for other in operations[:index]
        if other.folder == one.folder
    )
    return {**rule, "at": before + 1}
