"""Where the cycles of a recording end. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from fleet_stress.scenario.crash_points.operations import Operation


def cycle_ends(operations: Sequence[Operation], folder: str, path: str) -> list[int]:
    """After which operations a cycle ends, where a file marks its end: after the last in a row that touch the file.

    An fsync of the folder that the file is in, which makes them durable, belongs to them. ``path`` is the file's,
    in ``folder``.
    """

    def touches(operation: Operation) -> bool:
        return operation.folder == folder and path in operation.paths

    def goes_on(operation: Operation) -> bool:
        settles = operation.name == "fsync" and operation.folder == folder and operation.paths[0] == parent
        return settles or touches(operation)

    parent = str(PurePosixPath(path).parent)
    ends: list[int] = []
    for index, operation in enumerate(operations):
        if ends and ends[-1] == index and goes_on(operation):
            ends[-1] = index + 1
        elif touches(operation):
            ends.append(index + 1)
    return ends


def ends_at(operations: Sequence[Operation], moments: Iterable[float]) -> list[int]:
    """After which operations a cycle ends, where only the moment is known at which its end was seen."""
    found: list[int] = []
    for moment in moments:
        before = [index for index, operation in enumerate(operations) if operation.at <= moment]
        if before and (not found or before[-1] + 1 > found[-1]):
            found.append(before[-1] + 1)
    return found


def between_pauses(operations: Sequence[Operation], cycles: int) -> list[int]:
    """After which operations a cycle ends, where only their number is known: between them are the longest pauses."""
    pauses = [
        (later.at - earlier.at, index)
        for index, (earlier, later) in enumerate(zip(operations, operations[1:]), 1)
    ]
    longest = sorted(pauses, reverse=True)[: max(0, cycles - 1)]
    return [*sorted(index for _, index in longest), len(operations)] if operations else []
