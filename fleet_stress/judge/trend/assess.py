"""A series to a verdict: does it grow, or not, or can that not be told yet?"""

from __future__ import annotations

from fleet_stress.judge.trend import mann_kendall, theil_sen
from fleet_stress.judge.trend.verdict import Series, Trend


def assess(
    series: Series, *, horizon: float, at_most: float = 0.2, tolerated: float = 0.03, grain: float = 0.0
) -> Trend:
    """Judge one quantity of one bot.

    ``horizon``: what the stress plan's six hours are in the units of the times (6 for hours; for cycles, as many as a
    bot does in six hours). ``at_most``: the plan's limit, as a share of growth within the horizon. ``tolerated``: the
    share below which a proven growth is small. ``grain``: growth within the horizon, in the values' unit, below which
    nothing counts. Raises ValueError where times and values differ in number.
    """
    if len(series.at) != len(series.values):
        raise ValueError(f"{len(series.at)} times and {len(series.values)} values")
    begin = max([0, *series.restarts])
    at, values = list(map(float, series.at[begin:])), list(map(float, series.values[begin:]))
    if len(at) < 8:
        first, last = (at[0], at[-1]) if at else (0.0, 0.0)
        return Trend(
            "unclear", "few", len(at), first, first, last, values[0] if at else 0.0, 0.0, 0.0, 0.0, 1.0
        )
    pairs = theil_sen.pair_slopes([(at, values)])
    slope = theil_sen.slope(pairs, mann_kendall.variance(values)).slope
    rest = [value - slope * moment for moment, value in zip(at, values)]
    rise = mann_kendall.rise([values], [rest])
    found = theil_sen.slope(pairs, rise.variance)
    level = theil_sen.height(at, values, slope) + slope * at[0]
    grown = found.slope * horizon
    grows = rise.p_value < 0.01 and found.low > 0 and grown > max(min(tolerated, at_most) * abs(level), grain)
    return Trend(
        "grows" if grows else "steady",
        "slope" if grows else "flat",
        len(at),
        at[0],
        at[0],
        at[-1],
        level,
        found.slope,
        found.low,
        found.high,
        rise.p_value,
    )
