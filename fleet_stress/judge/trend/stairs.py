"""A leak in steps: an allocator takes memory in pieces, so what leaks shows as a stair and not as a slope.

A stair is known by its jumps: rare, far wider than what else happens, and all of them upwards. Levels that follow the
load come back; that several in a row go up without any trend is as likely as Kendall's exact distribution says.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from fleet_stress.judge.trend import mann_kendall

#: Jumps are so many times as wide as what else happens between two samples.
_WIDE = 7.0
#: Fewer may be anything: with four, the fifth level is the highest by chance in 1 of 120 cases.
_JUMPS = 4


class Stair(NamedTuple):
    """When it jumped and by how much; how likely so orderly a stair is by chance."""

    jumps: list[tuple[float, float]]
    p_value: float
    #: It goes on: the last jump is not much longer ago than jumps are apart, and they have not become small or rare.
    goes_on: bool


def find(at: Sequence[float], values: Sequence[float], pieces: Sequence[int]) -> Stair | None:
    """The stair of a series, or None."""
    moves = [
        (at[index], values[index] - values[index - 1])
        for index in range(1, len(values))
        if pieces[index] == pieces[index - 1]
    ]
    if len(moves) < 12:
        return None
    wide = max(1.4826 * statistics.median(abs(by) for _, by in moves), 1e-12)
    jumps = [(moment, by) for moment, by in moves if abs(by) > _WIDE * wide]
    if not _JUMPS <= len(jumps) <= len(moves) / 2.5:
        return None
    # The first of them may be the warm-up: a stair has steps of about one height, and treads.
    usual = statistics.median(by for _, by in jumps)
    every = statistics.median(later - earlier for earlier, later in zip(at, at[1:]))
    while len(jumps) > _JUMPS and (jumps[0][1] > 2.5 * usual or jumps[1][0] - jumps[0][0] < 1.5 * every):
        jumps = jumps[1:]
    if usual <= 0 or any(by < 0 for _, by in jumps):
        return None
    levels = min(len(jumps) + 1, 12)
    return Stair(jumps, mann_kendall.exact(levels, levels * (levels - 1) // 2), _goes_on(at, jumps))


def _goes_on(at: Sequence[float], jumps: Sequence[tuple[float, float]]) -> bool:
    times = [moment for moment, _ in jumps]
    apart = statistics.median(later - earlier for earlier, later in zip(times, times[1:]))
    middle = (times[0] + at[-1]) / 2
    late = sum(by for moment, by in jumps if moment > middle)
    return at[-1] - times[-1] < 3 * apart and late > 0.35 * sum(by for _, by in jumps)
