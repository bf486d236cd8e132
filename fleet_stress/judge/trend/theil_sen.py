"""Theil and Sen's slope: the median of the slopes of all pairs, and an interval of their ranks.

Sources: H. Theil, Proc. Kon. Ned. Akad. v. Wetensch. A 53 (1950); P. K. Sen, J. American Statistical Association 63
(1968) 1379-1389. Up to 29 % of the samples may be anything. The interval has the width that Var(S) gives it, so the
correction for autocorrelation widens it too. Held against scipy.stats.theilslopes in the tests.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

#: The quantile of the normal distribution for an interval of 95 %.
Z_95 = statistics.NormalDist().inv_cdf(0.975)


class Slope(NamedTuple):
    """For each unit of time, and the ends of its interval."""

    slope: float
    low: float
    high: float


def pair_slopes(pieces: Sequence[tuple[Sequence[float], Sequence[float]]]) -> list[float]:
    """The slopes of all pairs of samples of the same piece (times, values), sorted."""
    found = []
    for at, values in pieces:
        for index, (begin, value) in enumerate(zip(at, values)):
            found += [
                (later - value) / (end - begin)
                for end, later in zip(at[index + 1 :], values[index + 1 :])
                if end > begin
            ]
    found.sort()
    return found


def slope(pairs: Sequence[float], variance: float, z: float = Z_95) -> Slope:
    """The median of sorted slopes, and its interval (Sen 1968) for that variance of S. Raises ValueError: no pair."""
    if not pairs:
        raise ValueError("a slope needs two samples at different times")
    half = z * math.sqrt(variance) / 2
    last, middle = len(pairs) - 1, len(pairs) / 2
    low = min(max(round(middle - half) - 1, 0), last)
    high = min(max(round(middle + half), 0), last)
    return Slope(statistics.median(pairs), pairs[low], pairs[high])


def height(at: Sequence[float], values: Sequence[float], slope: float) -> float:
    """Of the line at time 0: the median of what is left (robust where Conover's is not)."""
    return statistics.median(value - slope * moment for moment, value in zip(at, values))
