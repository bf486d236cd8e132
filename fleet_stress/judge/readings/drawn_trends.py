"""The trends of a row as the page draws them: a line for each start of the bot, with its interval, in samples' units.

A trend may be told by cycles; a plot is over seconds. Within one start the one goes with the other closely enough for a
straight line between its ends.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from fleet_stress.judge.readings.trends import Judged, Sample
from fleet_stress.judge.trend import words

#: So many starts are drawn, the last ones.
_STARTS = 4


def drawn(
    samples: Sequence[Sample], judged: Sequence[Judged], limits: Sequence[words.Limit]
) -> Iterator[dict[str, Any]]:
    """Of each judged quantity of these samples; ``limits`` are those of its memory."""
    for one in judged:
        pieces = list(_pieces(one.series.restarts, len(samples)))[-_STARTS:]
        named = [{"name": limit.whose, "value": limit.value} for limit in limits]
        for begin, end in pieces:
            known = [index for index in range(begin, end) if one.series.at[index] >= one.trend.warm_up_until]
            if (
                begin or not known
            ):  # only the first start was cut at that time; each begins with what was left out
                known = list(range(begin, end))
            heights = _heights(one, known)
            if not all(math.isfinite(end) for ends in heights.values() for end in ends):
                continue
            yield {
                "quantity": one.quantity.key,
                "outcome": one.trend.outcome,
                "told": one.told(),
                "warm_up_until": samples[known[0]]["at"],
                "since": samples[known[0]]["at"],
                "until": samples[known[-1]]["at"],
                **heights,
                "limits": named if one.quantity.subject == "memory" else [],
            }


def _pieces(restarts: Sequence[int], count: int) -> Iterator[tuple[int, int]]:
    """From where to where each start has its samples; those with a single one are no line."""
    ends = [0, *restarts, count]
    for begin, end in zip(ends, ends[1:]):
        if end - begin > 1:
            yield begin, end


def _heights(one: Judged, known: Sequence[int]) -> dict[str, list[float]]:
    """Of the line at its ends; and of those with the slopes at the ends of the interval, through its middle."""
    at = [one.series.at[index] for index in known]
    trend = one.trend
    height = statistics.median(
        one.series.values[index] - trend.slope * one.series.at[index] for index in known
    )
    middle = (at[0] + at[-1]) / 2
    through = height + trend.slope * middle
    found = {
        "line": [through + trend.slope * (moment - middle) for moment in (at[0], at[-1])],
        "low": [through + trend.low * (moment - middle) for moment in (at[0], at[-1])],
        "high": [through + trend.high * (moment - middle) for moment in (at[0], at[-1])],
    }
    return {name: [round(value, 3) for value in values] for name, values in found.items()}
