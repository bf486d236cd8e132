"""Series of six hours whose truth is known: 72 samples of a bot's memory, as the stress plan takes them.

Written before the method that it measures. Each series is a level with noise, a warm-up, and what its kind adds. Only
what can be told from six hours at all is called a leak or healthy here: no leak hides in a single step, or begins in
the last third; no healthy series climbs to its last sample but by its noise, its teeth, or ever more slowly.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

#: The stress plan's samples: one every five minutes for six hours.
SAMPLES, EVERY, HOURS = 72, 1 / 12, 6.0
MB, PAGE = 2**20, 4096.0


class Made(NamedTuple):
    """A series, and the truth of it."""

    kind: str
    at: list[float]
    values: list[float]
    restarts: list[int]
    #: Share of its level that leaks in an hour while it leaks; 0: healthy.
    an_hour: float
    #: The values without noise, spikes and teeth; how wide the noise is, and how much of it the next sample keeps.
    plain: list[float]
    wide: float
    kept: float


#: What a kind adds to a level of 1, by time in hours.
_Shape = Callable[[float], float]


def make(kind: str, seed: int) -> Made:
    """One series of a kind; the same for the same seed."""
    dice = random.Random(f"{kind}:{seed}")
    leak = kind.startswith("leak")
    an_hour = math.exp(dice.uniform(math.log(0.01), math.log(0.5))) / HOURS if leak else 0.0
    sort = kind.partition(":")[2]
    level = math.exp(dice.uniform(math.log(25), math.log(600))) * MB
    restarts = _restart_times(dice) if sort == "restarts" else []
    lasting, passing = (_with_restarts(shape, restarts) for shape in _shapes(sort, an_hour, dice))
    at = [index * EVERY for index in range(SAMPLES)]
    if sort == "missing":
        at = _thinned(at, dice)
    wide, kept = _noise_of(sort, dice)
    noise = _noise(wide, kept, dice)
    plain = [level * lasting(moment) for moment in at]
    values = [
        PAGE * round((value + level * (passing(moment) + next(noise))) / PAGE)
        for value, moment in zip(plain, at, strict=True)
    ]
    firsts = [next(index for index, moment in enumerate(at) if moment >= restart) for restart in restarts]
    return Made(kind, at, values, firsts, an_hour, plain, level * wide, kept)


def _shapes(sort: str, an_hour: float, dice: random.Random) -> tuple[_Shape, _Shape]:
    """What lasts, and what comes and goes."""
    begin = dice.uniform(1.0, 3.5) if sort == "late" else 0.0
    parts: list[_Shape] = [lambda at: 1.0 + an_hour * max(0.0, at - begin)]
    if sort == "stairs":
        every = dice.uniform(10, 45) / 60
        parts = [lambda at: 1.0 + an_hour * every * math.floor(at / every)]
    passing: list[_Shape] = []
    if sort in _MORE:
        (passing if sort in _PASSING else parts).append(_MORE[sort](dice))
    if sort not in ("log", "constant"):
        parts.append(_warm_up(dice, slow=sort == "warm-up"))
    return _sum(parts), _sum(passing)


def _sum(parts: list[_Shape]) -> _Shape:
    return lambda at: sum(part(at) for part in parts)


def _warm_up(dice: random.Random, slow: bool = False) -> _Shape:
    """Most of it in the first minutes: the interpreter, what it imports, first caches."""
    high, lasts = dice.uniform(0.02, 0.6), dice.uniform(*((15, 70) if slow else (2, 25))) / 60
    return lambda at: -high * math.exp(-at / lasts)


def _cache(dice: random.Random) -> _Shape:
    begin, lasts, high = dice.uniform(0, 1.5), dice.uniform(0.5, 2.5), dice.uniform(0.05, 0.4)
    return lambda at: high * min(1.0, max(0.0, (at - begin) / lasts))


def _late_cache(dice: random.Random) -> _Shape:
    begin, lasts, high = dice.uniform(1.5, 3.0), dice.uniform(0.5, 1.5), dice.uniform(0.05, 0.4)
    return lambda at: high * min(1.0, max(0.0, (at - begin) / lasts))


def _step(dice: random.Random) -> _Shape:
    when, high = dice.uniform(0.3, 5.8), dice.uniform(0.03, 0.4)
    return lambda at: high * (at >= when)


def _two_steps(dice: random.Random) -> _Shape:
    one, other = _step(dice), _step(dice)
    return lambda at: one(at) + other(at)


def _up_and_down(dice: random.Random) -> _Shape:
    """Levels that follow the load, and come back."""
    high, levels, at = dice.uniform(0.01, 0.12), [], 0.0
    while at < HOURS:
        levels.append((at, high * dice.random()))
        at += dice.uniform(15, 80) / 60
    return lambda moment: [by for since, by in levels if since <= moment][-1]


def _teeth(dice: random.Random) -> _Shape:
    """A garbage collector's, of about the same length each."""
    high, period, falls, at = dice.uniform(0.04, 0.3), dice.uniform(20, 75) / 60, [], -dice.random()
    while at < HOURS:
        falls.append(at)
        at += period * dice.uniform(0.8, 1.2)
    return lambda moment: high * (moment - max(fall for fall in [-9.0, *falls] if fall <= moment)) / period


def _fast_teeth(dice: random.Random) -> _Shape:
    """Of seconds: a sample hits any height of them."""
    high = dice.uniform(0.02, 0.1)
    own = random.Random(dice.random())
    return lambda _: high * own.random()


def _log(dice: random.Random) -> _Shape:
    """A heap that fragments: ever more slowly."""
    lasts = dice.uniform(2, 20) / 60
    high = dice.uniform(0.02, 0.15) / math.log(1 + HOURS / lasts)
    return lambda at: high * math.log(1 + at / lasts)


def _spikes(dice: random.Random) -> _Shape:
    """A report now and then that takes memory for a sample or two."""
    spikes = [(dice.uniform(0, HOURS), dice.uniform(0.03, 0.5)) for _ in range(dice.randint(2, 6))]
    return lambda at: sum(high for when, high in spikes if when <= at < when + 0.12)


def _falls(dice: random.Random) -> _Shape:
    an_hour = dice.uniform(0.002, 0.03)
    return lambda at: -an_hour * at


_MORE: dict[str, Callable[[random.Random], _Shape]] = {
    "cache": _cache,
    "late-cache": _late_cache,
    "step": _step,
    "two-steps": _two_steps,
    "up-and-down": _up_and_down,
    "teeth": _teeth,
    "fast-teeth": _fast_teeth,
    "log": _log,
    "spikes": _spikes,
    "falls": _falls,
}

_PASSING = {"teeth", "fast-teeth", "spikes"}

HEALTHY = tuple(
    f"healthy:{sort}"
    for sort in ("flat", "constant", "warm-up", "autocorrelated", "missing", "restarts", *_MORE)
)
LEAKS = tuple(
    f"leak:{sort}"
    for sort in (
        *("straight", "constant", "late", "stairs", "teeth", "fast-teeth", "warm-up", "cache", "step"),
        *("spikes", "autocorrelated", "missing", "restarts"),
    )
)


def _noise_of(sort: str, dice: random.Random) -> tuple[float, float]:
    """How wide it is, and how much of it one sample passes on to the next."""
    wide = math.exp(dice.uniform(math.log(0.0005), math.log(0.008)))
    kept = dice.uniform(0.0, 0.9)
    if sort == "autocorrelated":
        wide, kept = dice.uniform(0.003, 0.01), dice.uniform(0.6, 0.9)
    if sort == "constant":
        wide = 0.0
    return wide, kept


def _noise(wide: float, kept: float, dice: random.Random) -> Iterator[float]:
    """Of the first order, around 0."""
    value = dice.gauss(0, wide)
    while True:
        yield value
        value = kept * value + dice.gauss(0, wide * math.sqrt(1 - kept * kept))


def _restart_times(dice: random.Random) -> list[float]:
    return sorted(dice.uniform(0.5, 5.0) for _ in range(dice.randint(1, 2)))


def _with_restarts(shape: _Shape, restarts: list[float]) -> _Shape:
    return lambda at: shape(at - max([0.0, *(restart for restart in restarts if restart <= at)]))


def _thinned(at: list[float], dice: random.Random) -> list[float]:
    """Samples are lost one by one, and all of an hour or two."""
    gap, long, lost = dice.uniform(0.5, 4.5), dice.uniform(0.5, 1.5), dice.uniform(0.1, 0.35)
    return [moment for moment in at if not gap <= moment < gap + long and dice.random() > lost]
