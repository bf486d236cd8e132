"""A steady cycle: what all cycles of all recordings have in common, learnt by comparing them. Pure functions.

Cycles are aligned by what is done, to which file, and for which time: not by position, because threads take turns as
they like. Two recordings are compared, because some names are new with each start (a pid) and others with each cycle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from fleet_stress.scenario.crash_points import names
from fleet_stress.scenario.crash_points.classes import Class
from fleet_stress.scenario.crash_points.operations import Operation

#: What is done to which file, roughly, and for which time in a cycle.
_Key = tuple[str, str, tuple[str, ...], int]
_Cycle = Sequence[Operation]


class Recorded(NamedTuple):
    """A recording: all operations in their order, and after which of them a cycle ends."""

    operations: Sequence[Operation]
    ends: Sequence[int]

    @property
    def cycles(self) -> list[tuple[int, int]]:
        """Where each whole cycle with operations begins and ends.

        Never the first, in which a bot starts up, nor what comes after the last end.
        """
        return [(begins, after) for begins, after in zip(self.ends, self.ends[1:]) if after > begins]


class Steady(NamedTuple):
    """A steady cycle of the first recording."""

    #: Where it is in the recording: the index of its first operation, and of the first after it.
    begins: int
    ends: int
    #: The class of each operation of it; None: it is not in every cycle.
    classes: tuple[Class | None, ...]
    #: How many cycles were compared.
    compared: int
    #: Operations that are not in every cycle, for people.
    sometimes: tuple[str, ...]


def steady(recordings: Sequence[Recorded], now: float) -> Steady | None:
    """A cycle of the first recording, compared with all others; None: they have nothing in common.

    One in the middle: where a visit goes a little differently, what is awaited may still come. Where no operation is in
    every cycle, as of a bot that saves in every second one, only the last cycle of each recording is compared.
    Each recording has cycles. ``now``: the time of the recordings (time.time).
    """
    if not recordings:
        return None
    found = [_cycles(recorded) for recorded in recordings]
    chosen = len(found[0]) // 2
    keyed, shared = _aligned([cycle for cycles in found for cycle in cycles], now)
    mine = keyed[chosen]
    if not shared:
        chosen = -1
        keyed, shared = _aligned([cycles[-1] for cycles in found], now)
        mine = keyed[0]
    if not shared:
        return None
    begins, after = recordings[0].cycles[chosen]
    classes = [_class(key, keyed, now) if key in shared else None for key in mine]
    return Steady(begins, after, _counted(classes), len(keyed), _sometimes(keyed, shared))


def _cycles(recorded: Recorded) -> list[_Cycle]:
    return [recorded.operations[begins:after] for begins, after in recorded.cycles]


def _aligned(cycles: Sequence[_Cycle], now: float) -> tuple[list[dict[_Key, Operation]], set[_Key]]:
    """The operations of each cycle by their keys, in order; and the keys that are in all of them."""
    known: dict[str, set[str]] = {}
    for folder in {operation.folder for cycle in cycles for operation in cycle}:
        said = [
            {
                word
                for operation in cycle
                if operation.folder == folder
                for path in operation.paths
                for word in names.words(path, now)
            }
            for cycle in cycles
        ]
        known[folder] = set.intersection(*said)
    keyed = [_keyed(cycle, known) for cycle in cycles]
    return keyed, set.intersection(*map(set, keyed))


def _keyed(cycle: _Cycle, known: dict[str, set[str]]) -> dict[_Key, Operation]:
    seen: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    found: dict[_Key, Operation] = {}
    for operation in cycle:
        paths = tuple(names.rough(path, known[operation.folder]) for path in operation.paths)
        kind = operation.name, operation.folder, paths
        seen[kind] += 1
        found[(*kind, seen[kind])] = operation
    return found


def _sometimes(keyed: Sequence[dict[_Key, Operation]], shared: set[_Key]) -> tuple[str, ...]:
    """What is not in every cycle, for people, by the first of its kind that is not."""
    first: dict[tuple[str, str, tuple[str, ...]], Class] = {}
    for one in keyed:
        for (*kind, nth), operation in one.items():
            if (*kind, nth) not in shared:
                found = Class(operation.name, operation.folder, operation.paths, nth)
                known = first.setdefault((found.operation, found.folder, found.paths), found)
                first[found.operation, found.folder, found.paths] = min(known, found)
    return tuple(found.summary for found in first.values())


def _class(key: _Key, keyed: Sequence[dict[_Key, Operation]], now: float) -> Class:
    of_each = zip(*(one[key].paths for one in keyed))
    return Class(key[0], key[1], tuple(names.common(paths, now) for paths in of_each), 1)


def _counted(classes: Sequence[Class | None]) -> tuple[Class | None, ...]:
    seen: Counter[Class] = Counter()
    found: list[Class | None] = []
    for one in classes:
        if one is not None:
            seen[one] += 1
            found.append(one._replace(nth=seen[one]))
        else:
            found.append(None)
    return tuple(found)
