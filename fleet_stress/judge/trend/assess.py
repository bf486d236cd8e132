"""A series to a verdict: does it grow, or not, or can that not be told yet?"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from fleet_stress.judge.trend import curves, fitting, mann_kendall, stairs, teeth, theil_sen
from fleet_stress.judge.trend.fitting import Fit
from fleet_stress.judge.trend.prepare import Prepared, only, prepare, without_spikes
from fleet_stress.judge.trend.selection import SLOWING, TREND, Sum
from fleet_stress.judge.trend.verdict import Series, Step, Trend

#: Fewer samples show no trend.
FEWEST = 16
#: BIC's preference that is evidence at all ("positive": R. E. Kass and A. E. Raftery, JASA 90 (1995) 773-795). Below,
#: either way, the size of a trend decides.
_PROOF = 2.0
#: What a trend needs that is hardly more than what is tolerated: a small drift is far more usual than so small a leak.
_PROOF_OF_SMALL = 4.0
#: Up to so many times what is tolerated a trend is small.
_SMALL = 1.6
#: Below it, the series is better told without a trend.
_HINT = 0.0
#: One-sided.
_SIGNIFICANT = 0.01
#: Growth is no leak that is not so many times what is given back meanwhile, all at once.
_GIVEN_BACK = 2.0


def assess(
    series: Series, *, horizon: float, at_most: float = 0.2, tolerated: float = 0.03, grain: float = 0.0
) -> Trend:
    """Judge one quantity of one bot.

    ``horizon``: what the stress plan's six hours are in the units of the times (6 for hours; for cycles, as many as a
    bot does in six hours). ``at_most``: the plan's limit, as a share of growth within the horizon. ``tolerated``: the
    share below which a proven growth is small. ``grain``: growth that was seen, in the values' unit, below which
    nothing counts. Raises ValueError where times and values differ in number.
    """
    if len(series.at) != len(series.values):
        raise ValueError(f"{len(series.at)} times and {len(series.values)} values")
    ready = prepare(series)
    if len(ready.at) < FEWEST:
        return _few(ready)
    combs = teeth.find(ready.at, ready.values, ready.pieces)
    shape = None
    if combs:
        known = [since is not None for since in combs.since]
        if sum(known) >= FEWEST:
            ready = only(ready, known)
            shape = [since for since in combs.since if since is not None]
    level = abs(statistics.median(ready.values))
    bounds = _Bounds(tolerated * level / horizon, at_most * level / horizon, grain)
    if not shape:
        ready = without_spikes(ready)
    stair = None if shape else stairs.find(ready.at, ready.values, ready.pieces)
    found = fitting.fit(ready, shape, _finest(ready.values), 2 * bounds.tolerated)
    rising = _told(found, found.rising, ready, combs) if found.rising else None
    if rising and stair and stair.goes_on and stair.p_value < _SIGNIFICANT and bounds.count(rising):
        return rising._replace(outcome="grows", by="stairs", p_value=stair.p_value)
    if rising and bounds.proven(rising, found.evidence) and bounds.count(rising):
        return rising._replace(outcome="grows", by="slope")
    flat = _told(found, found.flat, ready, combs)
    if rising and found.evidence > _HINT and bounds.count(rising):
        more = (ready.at[-1] - ready.at[0]) * ((_PROOF / max(found.evidence, 0.1)) ** (1 / 3) - 1)
        return rising._replace(outcome="unclear", by="noisy", more=max(more, 0.1 * horizon))
    if flat.high > bounds.at_most and (flat.high - flat.slope) * (flat.until - flat.since) > grain:
        more = (flat.until - flat.since) * (((flat.high - flat.low) / 2 / bounds.at_most) ** (2 / 3) - 1)
        return flat._replace(outcome="unclear", by="noisy", more=max(more, 0.1 * horizon))
    by = "slowing" if found.parts(found.flat, SLOWING) else "small" if flat.low > 0 else "flat"
    return flat._replace(outcome="steady", by=by)


class _Bounds(NamedTuple):
    """Slopes that are tolerated, and that the stress plan forbids; and growth that is too little to be seen as such."""

    tolerated: float
    at_most: float
    grain: float

    def proven(self, trend: Trend, evidence: float) -> bool:
        """Whether a trend is one, by its significance, its interval, and BIC's preference for it (``evidence``)."""
        if trend.p_value >= _SIGNIFICANT or trend.low <= 0:
            return False
        if trend.slope < min(_SMALL * self.tolerated, self.at_most):
            return evidence > _PROOF_OF_SMALL
        return evidence > (-_PROOF if trend.low > self.tolerated else _PROOF)

    def count(self, trend: Trend) -> bool:
        """Whether a slope is worth a word."""
        grown = trend.slope * (trend.until - trend.since)
        if grown < _GIVEN_BACK * _given_back(trend):  # it comes and goes
            return False
        return trend.slope > min(self.tolerated, self.at_most) and grown > self.grain


def _given_back(trend: Trend) -> float:
    """By how much its steps go down in all. A fall during the warm-up gives its shape, or ends a spike there."""
    risen = 0.0
    for step in sorted(trend.steps):
        risen += step.by
        if step.at <= trend.warm_up_until:
            risen = max(risen, 0.0)
    return -risen


def _few(ready: Prepared) -> Trend:
    first, last = (ready.at[0], ready.at[-1]) if ready.at else (0.0, 0.0)
    level = statistics.median(ready.values) if ready.values else 0.0
    every = (last - first) / (len(ready.at) - 1) if len(ready.at) > 1 else 0.0
    more = every * (FEWEST - len(ready.at)) or None
    return Trend("unclear", "few", len(ready.at), first, first, last, level, 0.0, 0.0, 0.0, 1.0, more=more)


def _told(found: Fit, told: Sum, ready: Prepared, combs: teeth.Teeth | None) -> Trend:
    """The line of what a sum leaves beside its trend, in the part that the trend is about."""
    begin, warm = _since(found, told), _warm_up_until(found, told)
    rest = found.without(told, ready.values, TREND, curves.LEVEL, SLOWING)
    chosen = [age >= max(begin, warm) - 1e-9 for age in ready.ages]
    if sum(chosen) < 8:
        chosen = [True] * len(chosen)
    part = only(ready._replace(values=rest), chosen)
    pieces = _pieces(part)
    pairs = theil_sen.pair_slopes(pieces)
    slope = theil_sen.slope(pairs, 0.0).slope
    heights = [theil_sen.height(at, values, slope) for at, values in pieces]
    rests = [
        [value - slope * moment - height for moment, value in zip(at, values)]
        for (at, values), height in zip(pieces, heights)
    ]
    rise = mann_kendall.rise([values for _, values in pieces], rests)
    line = theil_sen.slope(pairs, rise.variance)
    at = ready.at[0]
    return Trend(
        "steady",
        "flat",
        len(part.at),
        at + warm,
        part.at[0],
        part.at[-1],
        heights[-1] + slope * part.at[0],
        line.slope,
        line.low,
        line.high,
        rise.p_value,
        tuple(Step(at + curve.place, by) for curve, by in found.parts(told, curves.STEP)),
        combs.period if combs else None,
    )


def _pieces(part: Prepared) -> list[tuple[list[float], list[float]]]:
    found: dict[int, tuple[list[float], list[float]]] = {}
    for moment, value, piece in zip(part.at, part.values, part.pieces):
        at, values = found.setdefault(piece, ([], []))
        at.append(moment)
        values.append(value)
    return [piece for piece in found.values() if len(piece[0]) > 1]


def _since(found: Fit, told: Sum) -> float:
    return max((curve.place for curve, _ in found.parts(told, TREND)), default=0.0)


def _warm_up_until(found: Fit, told: Sum) -> float:
    """The age at which a twentieth of the warm-up is left, or a cache is full."""
    warm = [3 * curve.place for curve, by in found.parts(told, curves.WARM_UP) if by > 0]
    full = [curve.place for curve, by in found.parts(told, curves.CACHE) if by > 0]
    return max([0.0, *warm, *full])


def _finest(values: Sequence[float]) -> float:
    """The smallest difference between values: no more is known of any of them."""
    ordered = sorted(set(values))
    return min((later - earlier for earlier, later in zip(ordered, ordered[1:])), default=1.0)
