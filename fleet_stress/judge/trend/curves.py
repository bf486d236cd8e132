"""The curves that a healthy or a leaking bot's memory may follow, by the age of its process.

Warm-up: what is loaded and filled once, ever more slowly, to an end. Cache: a rise at one rate to an end, from the
start or later. Step: a jump that stays. Slowing: like a logarithm, as fragmentation goes; without an end, but ever
less. Fall: it gives memory back. Trend: the leak, from the start or from later on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from fleet_stress.judge.trend.selection import FALL, SLOWING, TREND, Curve

LEVEL, TOOTH, WARM_UP, CACHE, STEP = "level", "tooth", "warm-up", "cache", "step"
#: Shares of the longest life: how long a warm-up lasts (its time constant), where a rise begins or ends.
_LASTS = (1 / 140, 1 / 70, 1 / 40, 1 / 24, 1 / 15, 1 / 10, 1 / 7, 1 / 5)
_ENDS = (0.08, 0.16, 0.24, 0.32, 0.4, 0.48, 0.56, 0.62, 0.69, 0.76)
_BENDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.46, 0.52, 0.58, 0.64)
_LOGS = (1 / 200, 1 / 60, 1 / 20)
#: So many of the largest jumps may be steps.
_STEPS = 12


def dictionary(
    ages: Sequence[float],
    values: Sequence[float],
    pieces: Sequence[int],
    teeth: Sequence[float] | None,
    slow: float,
) -> tuple[list[Curve], int]:
    """All curves, and how many of them are in every sum: a level for each process, and the shape of its teeth.

    ``slow``: what slows down is healthy where at the end it rises no faster than this.
    """
    life = max(ages)
    base = [
        Curve(LEVEL, float(piece), [float(own == piece) for own in pieces], 1.0)
        for piece in sorted(set(pieces))
    ]
    if teeth is not None:
        base.append(Curve(TOOTH, 0.0, list(teeth), 1.0))
    free = [
        *_warm_ups(ages, pieces, life),
        *_rises(ages, life, slow),
        *(_steps(ages, values, pieces) if teeth is None else []),
    ]
    return [*base, *free], len(base)


def _warm_ups(ages: Sequence[float], pieces: Sequence[int], life: float) -> Iterator[Curve]:
    """Of all lives alike, and of each: nobody knows how old a process is at its first sample."""
    for share in _LASTS:
        whole = [-math.exp(-age / (share * life)) for age in ages]
        yield Curve(WARM_UP, share * life, whole, 2.0)
        if pieces[0] != pieces[-1]:
            for piece in sorted(set(pieces)):
                own = [value if piece == other else 0.0 for value, other in zip(whole, pieces)]
                yield Curve(WARM_UP, share * life, own, 2.0)


def _rises(ages: Sequence[float], life: float, slow: float) -> Iterator[Curve]:
    for begin in (0.0, *_ENDS[:-1]):
        for end in _ENDS:
            if 0.05 < end - begin < 0.5 or not begin:
                rises = [min(max(age - begin * life, 0.0), (end - begin) * life) for age in ages]
                yield Curve(CACHE, end * life, rises, 3.0 if begin else 2.0)
    for share in _LOGS:
        most = slow * (1 + share) * life
        yield Curve(SLOWING, share * life, [math.log1p(age / (share * life)) for age in ages], 2.0, most)
    yield Curve(FALL, 0.0, [-age for age in ages], 1.0)
    for share in _BENDS:
        yield Curve(
            TREND, share * life, [max(age - share * life, 0.0) for age in ages], 2.0 if share else 1.0
        )


def _steps(ages: Sequence[float], values: Sequence[float], pieces: Sequence[int]) -> Iterator[Curve]:
    """Steps where the level before differs most from the level after.

    What a step costs: N. R. Zhang and D. O. Siegmund, Biometrics 63 (2007) 22-32.
    """
    jumps = []
    for index in range(1, len(values)):
        if pieces[index] == pieces[index - 1]:
            before, after = values[max(0, index - 2) : index], values[index : index + 2]
            jumps.append((abs(sum(after) / len(after) - sum(before) / len(before)), index))
    taken: list[int] = []
    for _, index in sorted(jumps, reverse=True):
        if all(abs(index - other) > 1 for other in taken) or len(jumps) < 12:
            taken.append(index)
        if len(taken) == _STEPS:
            break
    for index in sorted(taken):
        own = [float(place >= index and piece == pieces[index]) for place, piece in enumerate(pieces)]
        yield Curve(STEP, ages[index], own, 3.0)
