"""A trend in words: how much for each cycle and each hour, with its interval, and when a limit is reached."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from fleet_stress.judge.trend.verdict import Trend

#: How a quantity is written: a number and its unit.
Unit = Callable[[float], str]


class Clock(NamedTuple):
    """What the times of a series are, and how many of the other unit go with one of them."""

    unit: str  # "cycle" or "hour"
    cycles_an_hour: float

    def each(self, slope: float) -> tuple[float, float]:
        """A slope for each hour and for each cycle (nan: nobody knows)."""
        if self.unit == "hour":
            return slope, slope / self.cycles_an_hour if self.cycles_an_hour else math.nan
        return slope * self.cycles_an_hour, slope

    def hours(self, span: float) -> float:
        """A span of the series in hours."""
        if self.unit == "hour":
            return span
        return span / self.cycles_an_hour if self.cycles_an_hour else math.nan


class Limit(NamedTuple):
    """A stated limit of a quantity, and whose it is."""

    whose: str
    value: float


def megabytes(value: float) -> str:
    """Bytes, as a person reads them."""
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g} bytes"


def number(value: float) -> str:
    """A count."""
    return f"{value:.3g}"


def seconds(value: float) -> str:
    """Seconds."""
    return f"{value:.3g} s"


def rise(trend: Trend, clock: Clock, unit: Unit) -> str:
    """``by 1.2 MB an hour (95 %: 1.1 MB to 1.3 MB), 20 kB a cycle``; in words of the series' own unit first."""
    hour, cycle = clock.each(trend.slope)
    low, high = (
        each[0 if clock.unit == "hour" else 1] for each in (clock.each(trend.low), clock.each(trend.high))
    )
    first, second = (hour, cycle) if clock.unit == "hour" else (cycle, hour)
    names = ("an hour", "a cycle") if clock.unit == "hour" else ("a cycle", "an hour")
    said = f"by {unit(first)} {names[0]} (95 %: {unit(low)} to {unit(high)})"
    return said if math.isnan(second) else f"{said}, {unit(second)} {names[1]}"


def grows(name: str, trend: Trend, clock: Clock, unit: Unit, limits: Sequence[Limit] = ()) -> str:
    """The sentence of a leak."""
    begin, end = trend.line(trend.since), trend.line(trend.until)
    share = f" ({end / begin - 1:.1%})" if begin > 0 else ""
    shape = " in steps" if trend.by == "stairs" else ""
    sentence = (
        f"{name} grows{shape} {rise(trend, clock, unit)}, from {unit(begin)} to {unit(end)}{share} in"
        f" {_span(trend.until - trend.since, clock)} after warming up, and does not level off"
    )
    told = [reached for reached in (_reached(trend, clock, unit, limit) for limit in limits) if reached]
    return "; ".join([sentence, *told])


def unclear(name: str, trend: Trend, clock: Clock, unit: Unit) -> str:
    """The sentence where there is not enough data, and how much more it takes."""
    if trend.by == "few":
        why = f"{trend.samples} samples of {name} are not enough for a trend"
    elif trend.by == "early":
        share = trend.line(trend.until) / trend.line(trend.since) - 1
        why = f"{name} grows {rise(trend, clock, unit)}, and only by {share:.1%} so far: a cache may still be filling"
    else:
        why = f"{name} may grow {rise(trend, clock, unit)}, which is not enough data to tell from its noise"
    return why if trend.more is None else f"{why}; about {_span(trend.more, clock)} more would tell"


def steady(name: str, trend: Trend, clock: Clock, unit: Unit) -> str:
    """What is said of no leak."""
    words = {"slowing": "rises ever more slowly, now", "small": "drifts a little,"}
    return f"{name} {words.get(trend.by, 'is steady: it changes')} {rise(trend, clock, unit)}"


def _reached(trend: Trend, clock: Clock, unit: Unit, limit: Limit) -> str | None:
    when = trend.reaches(limit.value)
    if when is None:
        return None
    soon, late = (clock.hours(moment - trend.until) for moment in when)
    if math.isnan(soon):
        return None
    until = f" to {late:.3g}" if math.isfinite(late) and f"{late:.3g}" != f"{soon:.3g}" else ""
    return f"at this rate it reaches {limit.whose} of {unit(limit.value)} in {soon:.3g}{until} h"


def _span(span: float, clock: Clock) -> str:
    hours = clock.hours(span)
    if clock.unit == "hour":
        return f"{hours:.2g} h"
    return f"{span:.0f} cycles" + ("" if math.isnan(hours) else f" ({hours:.2g} h)")
