"""A series made ready: sorted into lives of processes, short ones left out, and thinned to what a fit can bear."""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from fleet_stress.judge.trend.verdict import Series

#: More samples become medians of so many equal times: all pairs, and all curves, are looked at.
MOST = 96
#: A life with fewer samples tells nothing of a trend.
_SHORTEST = 6
#: A spike is so many deviations above the samples around it, so many on each side.
_FAR, _AROUND = 4.0, 4


class Prepared(NamedTuple):
    """Samples, their age in the life of their process, and the number of that life."""

    at: list[float]
    ages: list[float]
    values: list[float]
    pieces: list[int]


def prepare(series: Series) -> Prepared:
    """All lives that are long enough; of none but short ones the longest."""
    bounds = [0, *sorted({mark for mark in series.restarts if 0 < mark < len(series.at)}), len(series.at)]
    lives = [
        _one_at_a_time(series.at[begin:end], series.values[begin:end])
        for begin, end in zip(bounds, bounds[1:])
        if end > begin
    ]
    whole = sum(at[-1] - at[0] for at, _ in lives)
    total = sum(len(at) for at, _ in lives)
    if total > MOST:
        lives = [_medians(at, values, whole / MOST) for at, values in lives]
    kept = [life for life in lives if len(life[0]) >= _SHORTEST]
    kept = kept or sorted(lives, key=lambda life: len(life[0]))[-1:]
    found = Prepared([], [], [], [])
    for number, (at, values) in enumerate(kept):
        found.at.extend(at)
        found.ages.extend(moment - at[0] for moment in at)
        found.values.extend(values)
        found.pieces.extend([number] * len(at))
    return found


def _one_at_a_time(at: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Samples of the same time are one: cycles may be slower than samples."""
    moments, medians = [], []
    for moment, same in groupby(zip(at, values), key=itemgetter(0)):
        moments.append(float(moment))
        medians.append(float(statistics.median(value for _, value in same)))
    return moments, medians


def _medians(at: Sequence[float], values: Sequence[float], every: float) -> tuple[list[float], list[float]]:
    """Of all samples within each ``every``; where there are none, there is a gap."""
    moments, medians, begin = [], [], 0
    while begin < len(at):
        end = max(begin + 1, bisect_right(at, at[begin] + every * (1 - 1e-9)))
        moments.append(statistics.fmean(at[begin:end]))
        medians.append(statistics.median(values[begin:end]))
        begin = end
    return moments, medians


def only(prepared: Prepared, chosen: Sequence[bool]) -> Prepared:
    """Some of the samples."""
    return Prepared(
        [value for value, take in zip(prepared.at, chosen) if take],
        [value for value, take in zip(prepared.ages, chosen) if take],
        [value for value, take in zip(prepared.values, chosen) if take],
        [piece for piece, take in zip(prepared.pieces, chosen) if take],
    )


def without_spikes(prepared: Prepared) -> Prepared:
    """Single samples, or two, far above those around them, put down to their median.

    F. R. Hampel, J. American Statistical Association 69 (1974) 383-393. What is far below is left: a process begins.
    """
    every = statistics.median(later - earlier for earlier, later in zip(prepared.at, prepared.at[1:]))
    once = _levelled(prepared, every * _AROUND)
    return _levelled(once, every * _AROUND)  # one may hide another


def _levelled(prepared: Prepared, near: float) -> Prepared:
    """``near``: beyond a gap of that time, a level may have become another, of which a few samples are no spike."""
    found = list(prepared.values)
    for index, (at, piece) in enumerate(zip(prepared.at, prepared.pieces)):
        window = slice(max(0, index - _AROUND), index + _AROUND + 1)
        around = [
            value
            for other, value, own in zip(
                prepared.at[window], prepared.values[window], prepared.pieces[window]
            )
            if own == piece and abs(other - at) < near * (1 + 1e-9)
        ]
        middle = statistics.median(around)
        if prepared.values[index] > middle + _FAR * 1.4826 * statistics.median(
            abs(value - middle) for value in around
        ):
            found[index] = middle
    return prepared._replace(values=found)
