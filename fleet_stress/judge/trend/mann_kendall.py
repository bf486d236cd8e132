"""Mann and Kendall's test for a monotonic trend, corrected for autocorrelation as Hamed and Rao do.

Sources: H. B. Mann, Econometrica 13 (1945) 245-259; M. G. Kendall, Rank Correlation Methods (1975); K. H. Hamed and
A. R. Rao, J. Hydrology 204 (1998) 182-196. Series that begin anew are added up, as R. M. Hirsch and J. R. Slack do with
seasons (Water Resources Research 20 (1984) 727-732). Held against pymannkendall in the tests.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

_NORMAL = NormalDist()
#: An autocorrelation beyond this quantile is significant (two-sided 5 %, as in Hamed and Rao's paper).
_SIGNIFICANT = _NORMAL.inv_cdf(0.975)
#: With fewer values the exact distribution is counted out: the normal one is no good approximation there.
_EXACT = 10


class Rise(NamedTuple):
    """The test's statistic S, its variance, and how likely so high an S is without a trend (one-sided)."""

    s: float
    variance: float
    p_value: float


def score(values: Sequence[float]) -> int:
    """S: pairs that rise, without those that fall."""
    total = 0
    for index, value in enumerate(values):
        later = values[index + 1 :]
        total += sum(1 for other in later if other > value) - sum(1 for other in later if other < value)
    return total


def variance(values: Sequence[float]) -> float:
    """Var(S) without a trend and without autocorrelation; ties make it smaller."""
    size = len(values)
    ties = sum(each * (each - 1) * (2 * each + 5) for each in Counter(values).values())
    return (size * (size - 1) * (2 * size + 5) - ties) / 18


def correction(rest: Sequence[float]) -> float:
    """Hamed and Rao's factor n/n*: how much larger Var(S) is, by the autocorrelation of what is left of the trend."""
    size = len(rest)
    if size < 4:
        return 1.0
    ranks = _ranks(rest)
    mean = sum(ranks) / size
    parts = [rank - mean for rank in ranks]
    whole = sum(part * part for part in parts)
    if whole <= 0:
        return 1.0
    bound, added = _SIGNIFICANT / math.sqrt(size), 0.0
    for lag in range(1, size):
        strength = sum(map(float.__mul__, parts[lag:], parts[: size - lag])) / whole
        if abs(strength) > bound:
            added += (size - lag) * (size - lag - 1) * (size - lag - 2) * strength
    return 1 + 2 * added / (size * (size - 1) * (size - 2))


def rise(pieces: Sequence[Sequence[float]], rests: Sequence[Sequence[float]]) -> Rise:
    """The test over series that each begin anew; ``rests``: what is left of each without its trend.

    A correction below 1 (of noise that swings to and fro) is not used: it would make trends of it.
    """
    total, spread = 0, 0.0
    for values, rest in zip(pieces, rests):
        total += score(values)
        spread += variance(values) * max(1.0, correction(rest))
    if len(pieces) == 1 and len(pieces[0]) < _EXACT and len(set(pieces[0])) == len(pieces[0]):
        return Rise(total, spread, exact(len(pieces[0]), total))
    if spread <= 0:
        return Rise(total, 0.0, 1.0)
    # continuity: S moves in steps of two
    z = (total - (total > 0) + (total < 0)) / math.sqrt(spread)
    return Rise(total, spread, 1 - _NORMAL.cdf(z))


def exact(size: int, s: int) -> float:
    """P(S >= s) over all orders of ``size`` different values (Kendall 1975, table 1)."""
    pairs, counts = size * (size - 1) // 2, _inversions(size)
    most = (pairs - s) // 2
    return sum(counts[: most + 1]) / math.factorial(size) if most >= 0 else 0.0


@cache
def _inversions(size: int) -> tuple[int, ...]:
    """How many orders of ``size`` values have 0, 1, 2, ... pairs that fall."""
    if size <= 1:
        return (1,)
    fewer = _inversions(size - 1)
    return tuple(
        sum(fewer[max(0, falls - size + 1) : falls + 1]) for falls in range(size * (size - 1) // 2 + 1)
    )


def _ranks(values: Sequence[float]) -> list[float]:
    """From 1; equal values share their mean rank."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, first = [0.0] * len(values), 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in order[first : last + 1]:
            ranks[place] = (first + last) / 2 + 1
        first = last + 1
    return ranks
