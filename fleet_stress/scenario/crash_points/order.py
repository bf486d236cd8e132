"""In which order points are visited: the most different first, for the time may not be enough for all. Pure functions.

Each next one is the point that brings the most that no point before it had: first what happens at which operation, then
at which file, then to which class, and last another occurrence of the same. Of equally different ones those come first
that change most: what a file holds, then its name; state before logs.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from fleet_stress.scenario.crash_points.points import Point

#: Before all other operations.
_WEIGHTY = ("write", "rename", "truncate", "unlink", "create")
_Features = tuple[tuple[Any, ...], ...]


def order(points: Sequence[Point]) -> list[str]:
    """The names of the points to visit (those that no other stands for), the most different first."""
    brings: dict[str, list[_Features]] = defaultdict(list)
    places: dict[tuple[str, Any], list[str]] = defaultdict(list)
    for point in points:
        brings[point.by or point.name].append(_features(point))
        places[point.answer, point.kind].append(point.name)
    ranks = {name: rank for same in places.values() for name, rank in zip(same, _ends_first(len(same)))}
    weights = {point.name: (point.folder != "state", _weight(point.kind.operation)) for point in points}
    number = {name: at for at, name in enumerate(brings)}
    seen: set[tuple[Any, ...]] = set()

    def rank(name: str) -> tuple[Any, ...]:
        new = [sum(one[level] not in seen for one in brings[name]) == 0 for level in range(4)]
        return (*new, ranks[name], weights[name], number[name])

    # What a point brings only gets less, so a rank that is still right when it is first is the best.
    waiting = [(rank(name), name) for name in brings]
    heapq.heapify(waiting)
    found: list[str] = []
    while waiting:
        known, name = heapq.heappop(waiting)
        now = rank(name)
        if now != known:
            heapq.heappush(waiting, (now, name))
            continue
        found.append(name)
        seen.update(feature for one in brings[name] for feature in one)
    return found


def _weight(operation: str) -> int:
    return _WEIGHTY.index(operation) if operation in _WEIGHTY else len(_WEIGHTY)


def _features(point: Point) -> _Features:
    kind = point.kind
    file = kind.folder, kind.paths
    return (
        ("operation", point.answer, kind.operation),
        ("file", point.answer, *file),
        ("class", kind),
        ("both", point.answer, kind),
    )


def _ends_first(count: int) -> list[int]:
    """The rank of each of so many in a row: the first, the last, the middle, and so on."""
    at = list(dict.fromkeys(_halves(count)))
    return [rank for _, rank in sorted(zip(at, range(count)))]


def _halves(count: int) -> Iterator[int]:
    yield from (0, count - 1)
    parts = 2
    while parts < 2 * count:
        yield from ((count - 1) * part // parts for part in range(1, parts))
        parts *= 2
    yield from range(count)
