"""Fits the curves of a series, once plainly and once with the memory of its noise taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fleet_stress.judge.trend.curves import dictionary
from fleet_stress.judge.trend.noise import Memory
from fleet_stress.judge.trend.prepare import Prepared
from fleet_stress.judge.trend.selection import Curve, Selection, Sum

#: Curves beside level, teeth and trend: a warm-up, a cache and two steps, say.
_MOST = 4


class Fit(NamedTuple):
    """The best sum without a rising trend, the best with one (or None), and the memory of the noise."""

    curves: Sequence[Curve]
    flat: Sum
    rising: Sum | None
    strength: float

    @property
    def evidence(self) -> float:
        """By how much BIC prefers a rising trend."""
        return self.flat.bic - self.rising.bic if self.rising else float("-inf")

    def parts(self, told: Sum, *kinds: str) -> list[tuple[Curve, float]]:
        """The curves of these kinds in a sum, and how often."""
        return [
            (self.curves[number], by)
            for number, by in zip(told.chosen, told.coefficients)
            if self.curves[number].kind in kinds
        ]

    def without(self, told: Sum, values: Sequence[float], *kept: str) -> list[float]:
        """Values without all curves of a sum but those of the kinds ``kept``."""
        rest = list(values)
        for number, by in zip(told.chosen, told.coefficients):
            if self.curves[number].kind not in kept:
                rest = [value - by * part for value, part in zip(rest, self.curves[number].values)]
        return rest


def fit(prepared: Prepared, teeth: Sequence[float] | None, grain: float, slow: float) -> Fit:
    """``grain``: the finest difference that values have; ``slow``: see ``curves.dictionary``."""
    curves, base = dictionary(prepared.ages, prepared.values, prepared.pieces, teeth, slow)
    most = _MOST + len(set(prepared.pieces)) - 1
    memory = Memory(prepared.at, prepared.pieces)
    flat, rising = Selection(curves, base, prepared.values, grain).best(most)
    plain = Fit(curves, flat, rising, 0.0)
    best = rising if rising and rising.bic < flat.bic else flat
    spent = len(best.chosen) + 1.0
    strength = memory.strength(plain.without(best, prepared.values), spent)
    if strength <= 0:
        return plain
    white = [curve._replace(values=memory.whitened(curve.values, strength)) for curve in curves]
    selection = Selection(white, base, memory.whitened(prepared.values, strength), grain)
    flat, rising = selection.best(most)
    return Fit(curves, flat, rising, strength)
