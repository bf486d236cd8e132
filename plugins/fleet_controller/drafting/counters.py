"""Which numbers in a bot's files count its cycles, and which only ever rise: by how they went over three starts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

_COUNTS = re.compile(r"cycle|iter|tick|loop|round|count|turn|\bn\b|seq|run|here|since", re.IGNORECASE)
#: Numbers of that size are times: epoch seconds since 2001.
_TIMES = 1e9
#: What one more of a counter may look like between two looks.
_FEW = 3


class Series(NamedTuple):
    """One number of one file: by start, ``(at, value)`` of each look."""

    key: str
    name: str
    by_start: Mapping[int, Sequence[tuple[float, float]]]

    def of(self, start: int) -> list[float]:
        """Its values in one start."""
        return [value for _, value in self.by_start.get(start, ())]

    @property
    def is_whole(self) -> bool:
        """Whether it counts something."""
        every = [value for start in self.by_start for value in self.of(start)]
        return bool(every) and all(float(value).is_integer() and 0 <= value < _TIMES for value in every)

    @property
    def rises(self) -> bool:
        """Whether it never falls within a start, and rose in the first one."""
        seen = [self.of(start) for start in sorted(self.by_start)]
        steady = all(values == sorted(values) for values in seen)
        return steady and bool(seen) and len(set(seen[0])) > 1

    @property
    def goes_on(self) -> bool:
        """Whether no start took it back."""
        every = [value for start in sorted(self.by_start) for value in self.of(start)]
        return every == sorted(every)

    @property
    def period(self) -> float | None:
        """Seconds between two rises of one, in the first start; None: it rose less than twice."""
        seen = self.by_start.get(min(self.by_start, default=0), ())
        rises = [
            (at - before_at) / (value - before)
            for (before_at, before), (at, value) in _changes(seen)
            if value > before
        ]
        return round(median(rises), 3) if rises else None


def _changes(
    seen: Sequence[tuple[float, float]],
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    firsts = [seen[0]] if seen else []
    for at, value in seen[1:]:
        if value != firsts[-1][1]:
            firsts.append((at, value))
    return list(itertools.pairwise(firsts))


class Counter(NamedTuple):
    """``proved``: a start that was asked for so many cycles ended with this many more."""

    series: Series
    in_total: bool
    proved: bool


def counters(every: Iterable[Series], asked: int | None) -> list[Counter]:
    """Numbers that may count cycles, the surest first; ``asked``: of how many the third start ended, if it did."""
    found = []
    for series in every:
        if not (series.is_whole and series.rises):
            continue
        last = {start: series.of(start)[-1] for start in series.by_start}
        began = {start: series.of(start)[0] for start in series.by_start}
        proved = bool(asked) and last.get(3) == asked and last[1] != asked
        if any(number - 1 in last and began[number] < last[number - 1] for number in last):
            fresh = all(value <= _FEW for start, value in began.items() if start > 1)
            if proved or (fresh and not asked):
                found.append(Counter(series, False, proved))
        elif series.goes_on:
            proved = bool(asked) and 3 in last and 2 in last and last[3] - last[2] == asked
            if proved or not asked:
                found.append(Counter(series, True, proved))
    return sorted(found, key=_order)


def _order(counter: Counter) -> tuple[bool, bool, bool, bool, int]:
    named = _COUNTS.search(counter.series.name) is None
    return not counter.proved, counter.in_total, named, "(" in counter.series.name, len(counter.series.name)


def only_rising(every: Iterable[Series]) -> list[Series]:
    """Whole numbers that no start took back and that rose; also those that a second start only read again."""
    return [
        series
        for series in every
        if series.is_whole and series.rises and series.goes_on and len(series.by_start) > 1
    ]
