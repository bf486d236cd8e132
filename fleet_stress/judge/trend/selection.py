"""Which curves a series is the sum of: least squares over a dictionary of curves, chosen by BIC.

A beam search: from the best few sums of so many curves to the best of one more. It works on inner products alone, which
are computed once; to add a curve costs one pass over the dictionary (Gram and Schmidt). BIC: G. Schwarz, Annals of
Statistics 6 (1978) 461-464; a curve that is placed freely (a step, a bend) costs as much as its free numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from operator import mul
from typing import NamedTuple

#: Sums that are followed at once, and children of each.
_BEAM, _CHILDREN = 4, 4
#: What is left of a curve's square when others are taken out, below which it says nothing of its own.
_SPENT = 1e-6
#: Growth that goes on, growth that slows down without end, a steady fall. A sum has at most one of them.
TREND, SLOWING, FALL = "trend", "slowing", "fall"
_ONCE = {TREND, SLOWING, FALL}
#: Kinds that may also be taken away. All others only ever rise: else any line would be a sum of what is healthy.
EITHER_WAY = {"level", "tooth", "step"}


class Curve(NamedTuple):
    """One entry of the dictionary, at the times of the series (whitened as the series is)."""

    kind: str
    #: When it begins, ends, or how long it lasts: what makes it this one of its kind.
    place: float
    values: Sequence[float]
    #: Free numbers that it costs.
    cost: float
    #: More of it is no healthy sum.
    most: float = math.inf


class Sum(NamedTuple):
    """A choice of curves (by number), the square of what they leave, and BIC."""

    chosen: tuple[int, ...]
    rest: float
    bic: float
    coefficients: tuple[float, ...]


class Selection:
    """The dictionary with its inner products, and the values that are to be explained."""

    def __init__(self, curves: Sequence[Curve], base: int, values: Sequence[float], grain: float) -> None:
        """The first ``base`` curves are in every sum. ``grain``: no value is known better than this."""
        self.curves = curves
        columns = [*(curve.values for curve in curves), values]
        self._products: list[list[float]] = []
        for place, one in enumerate(columns):
            row = [sum(map(mul, one, other)) for other in columns[: place + 1]]
            for earlier, product in zip(self._products, row):
                earlier.append(product)
            self._products.append(row)
        self._size, self._base = len(values), base
        self._least = len(values) * grain * grain / 12

    def best(self, most: int) -> tuple[Sum, Sum | None]:
        """The best sum without a rising trend, and the best with one.

        At most ``most`` curves beside the base and the trend.
        """
        start = self._started()
        flat, rising = start.told(self), None
        level = {False: [start], True: []}
        for _ in range(most + 1):
            found: dict[frozenset[int], _Child] = {}
            for state in (*level[False], *level[True]):
                for child in self._children(state):
                    found.setdefault(frozenset(child.chosen), child)
            for trend in level:
                own = [child for child in found.values() if child.trend == trend]
                level[trend] = [
                    self._grown(child) for child in sorted(own, key=lambda child: child.rest)[:_BEAM]
                ]
                for state in level[trend]:
                    told = state.told(self)
                    if trend:
                        rising = told if rising is None or told.bic < rising.bic else rising
                    elif told.bic < flat.bic:
                        flat = told
        return flat, rising

    def _started(self) -> _State:
        state = _State(
            (), (), [], [row[index] for index, row in enumerate(self._products)], self._products[-1], False
        )
        for number in range(self._base):
            state = self._grown(self._child(state, number, False))
        return state

    def _children(self, state: _State) -> Iterator[_Child]:
        """The most promising additions: a trend at most once, and never with growth that slows down."""
        kinds = {self.curves[number].kind for number in state.chosen}
        gains: dict[bool, list[tuple[float, int]]] = {False: [], True: []}
        for number in range(self._base, len(self.curves)):
            if state.left[number] > _SPENT * self._products[number][number]:
                kind = self.curves[number].kind
                if kind in _ONCE and not kinds.isdisjoint(_ONCE):
                    continue
                if kind in EITHER_WAY or state.along[number] > 0:
                    gains[kind == TREND].append((state.along[number] ** 2 / state.left[number], number))
        for trend, own in gains.items():
            taken = 0
            for _, number in sorted(own, reverse=True)[: 3 * _CHILDREN]:
                child = self._child(state, number, state.trend or trend)
                if self._possible(child):
                    yield child
                    taken += 1
                if taken == _CHILDREN:
                    break

    def _possible(self, child: _Child) -> bool:
        return all(
            0 <= by <= self.curves[number].most or self.curves[number].kind in EITHER_WAY
            for number, by in zip(child.chosen, child.coefficients)
        )

    def _child(self, state: _State, number: int, trend: bool) -> _Child:
        """What decides whether a sum with this curve is followed: all else is computed of those that are."""
        own, last = (
            state.part(self._products[number], number, number),
            state.part(self._products[number], number, -1),
        )
        return _Child(
            state,
            (*state.chosen, number),
            state.solved(number, last / own),
            state.left[-1] - last * last,
            trend,
        )

    def _grown(self, child: _Child) -> _State:
        state, number = child.parent, child.chosen[-1]
        row = list(self._products[number])
        for earlier in state.rows:
            by = earlier[number]
            row = [value - by * other for value, other in zip(row, earlier)]
        length = math.sqrt(state.left[number])
        row = [value / length for value in row]
        left = [value - part * part for value, part in zip(state.left, row)]
        last = row[-1]
        along = [value - part * last for value, part in zip(state.along, row)]
        return _State(child.chosen, child.coefficients, [*state.rows, row], left, along, child.trend)

    def cost(self, chosen: Sequence[int]) -> float:
        """Free numbers of a sum."""
        return sum(self.curves[number].cost for number in chosen)

    def score(self, rest: float, chosen: Sequence[int]) -> float:
        """BIC."""
        whole = max(rest, 0.0) + self._least
        return self._size * math.log(max(whole, 1e-300) / self._size) + self.cost(chosen) * math.log(
            self._size
        )


class _State(NamedTuple):
    """A sum in the making: orthonormal rows, and what is left of each curve's square and product with the values."""

    chosen: tuple[int, ...]
    #: How often each curve is in the sum.
    coefficients: tuple[float, ...]
    rows: list[list[float]]
    left: list[float]
    along: list[float]
    trend: bool

    def part(self, products: Sequence[float], number: int, place: int) -> float:
        """One number of the row that a curve would add; ``products``: of that curve."""
        value = products[place]
        for row in self.rows:
            value -= row[number] * row[place]
        return value / math.sqrt(self.left[number])

    def solved(self, number: int, by: float) -> tuple[float, ...]:
        """The coefficients, once a curve is added that often."""
        chosen, solved = (*self.chosen, number), [0.0] * len(self.chosen) + [by]
        for index in reversed(range(len(self.rows))):
            row = self.rows[index]
            known = sum(row[chosen[later]] * solved[later] for later in range(index + 1, len(chosen)))
            solved[index] = (row[-1] - known) / row[chosen[index]]
        return tuple(solved)

    def told(self, selection: Selection) -> Sum:
        """The sum, with its BIC."""
        rest = self.left[-1]
        return Sum(self.chosen, rest, selection.score(rest, self.chosen), self.coefficients)


class _Child(NamedTuple):
    """A sum with one curve more: the square of what it leaves, and how often each curve is in it."""

    parent: _State
    chosen: tuple[int, ...]
    coefficients: tuple[float, ...]
    rest: float
    trend: bool
