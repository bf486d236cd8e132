"""Whether a bot leaks with its cycles or with time, by two starts of a different pace (row 2).

It loses ``a * cycles + b * hours``. One start alone cannot tell ``a`` from ``b``: both go up together. A fast start and
a slow one can.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fleet_stress.judge.trend.assess import assess
from fleet_stress.judge.trend.verdict import Series, Trend

#: Two starts of which one does so many times as many cycles in an hour tell leaks apart.
APART = 4.0
#: What the stress plan's six hours are in cycles, at the interval of 5 s that most of its rows have.
SIX_HOURS, CYCLES_IN_SIX_HOURS = 6.0, 4320
#: Half an interval of 95 % is so many standard deviations.
_HALF = 1.96
#: No growth is known better than to this share.
_BEST = 0.01
Sample = Mapping[str, Any]


class Rate(NamedTuple):
    """What is lost in each cycle or hour, and the ends of its interval of 95 %."""

    value: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether it is more than nothing."""
        return self.low > 0


class Leak(NamedTuple):
    """What a bot loses with each cycle, and with each hour whatever it does."""

    per_cycle: Rate
    per_hour: Rate
    #: Of the slow start: how long it was watched, and whether what it did is a proven trend.
    hours: float
    proven: bool


class Paced(NamedTuple):
    """One start: its cycles in an hour and in all, and its growth in an hour."""

    cycles: float
    counted: int
    growth: Rate
    hours: float
    proven: bool

    @property
    def error(self) -> float:
        """The standard deviation of its growth.

        Beside its noise: what comes once a cycle comes in steps, and one more or less falls into the time that was
        watched; and no slope is known better than a part in a hundred.
        """
        share = max(_BEST, 1 / max(1, self.counted))
        return math.hypot((self.growth.high - self.growth.low) / 2 / _HALF, self.growth.value * share)


def by_start(samples: Sequence[Sample], quantity: str) -> list[list[Sample]]:
    """The samples of each start that know this quantity, in order."""
    found: dict[Any, list[Sample]] = {}
    for sample in samples:
        if sample.get(quantity) is not None:
            found.setdefault(sample["start"], []).append(sample)
    return [some for some in found.values() if some[-1]["at"] > some[0]["at"]]


def per_cycle(samples: Sequence[Sample], quantity: str) -> Rate | None:
    """What the start with the most cycles loses in each of them; None: no start has enough samples to tell."""
    busiest = max(by_start(samples, quantity), key=lambda some: some[-1]["cycles"], default=[])
    if not busiest or busiest[-1]["cycles"] <= busiest[0]["cycles"]:
        return None
    return _slope(_trend(busiest, quantity, [sample["cycles"] for sample in busiest], CYCLES_IN_SIX_HOURS))


def of_starts(samples: Sequence[Sample], quantity: str) -> Leak | None:
    """What is lost with cycles and with hours, by the fastest and the slowest start; None: that cannot be told."""
    found: list[Paced] = []
    for some in by_start(samples, quantity):
        hours = [sample["at"] / 3600 for sample in some]
        trend, span = _trend(some, quantity, hours, SIX_HOURS), hours[-1] - hours[0]
        growth = _slope(trend)
        if growth is not None:
            cycles = some[-1]["cycles"] - some[0]["cycles"]
            found.append(Paced(cycles / span, int(cycles), growth, span, trend.outcome == "grows"))
    if len(found) < 2:
        return None
    return apart(*sorted(found, key=lambda start: start.cycles, reverse=True)[:: len(found) - 1])


def _trend(some: Sequence[Sample], quantity: str, at: Sequence[float], horizon: float) -> Trend:
    return assess(Series(at, [sample[quantity] for sample in some]), horizon=horizon)


def _slope(trend: Trend) -> Rate | None:
    return None if trend.by == "few" else Rate(trend.slope, trend.low, trend.high)


def apart(fast: Paced, slow: Paced) -> Leak | None:
    """What is lost with cycles and what with hours; None: the two starts were too much alike."""
    if slow.cycles <= 0 or fast.cycles < APART * slow.cycles:
        return None
    difference = fast.cycles - slow.cycles
    errors = (fast.error, slow.error)
    a = (fast.growth.value - slow.growth.value) / difference
    b = (slow.growth.value * fast.cycles - fast.growth.value * slow.cycles) / difference
    of_a = math.hypot(*errors) / difference
    of_b = math.hypot(errors[1] * fast.cycles, errors[0] * slow.cycles) / difference
    return Leak(_rate(a, of_a), _rate(b, of_b), slow.hours, slow.proven)


def _rate(value: float, error: float) -> Rate:
    return Rate(value, value - _HALF * error, value + _HALF * error)
