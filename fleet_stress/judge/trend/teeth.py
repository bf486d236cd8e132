"""The teeth of a garbage collector: memory rises steadily, falls at once, and rises again.

What may leak below them is told by how high each tooth begins, so the shape of a tooth is one more curve of the fit.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

#: Fewer falls are no teeth.
_FALLS = 3
#: A fall is so many times as wide as what else happens between two samples.
_WIDE = 5.0
#: So many of them, as a share, have to be as high as they are deep.
_ALIKE = 0.66


class Teeth(NamedTuple):
    """How long each sample is after the last fall (None: before the first one), and the period."""

    since: list[float | None]
    period: float


def find(at: Sequence[float], values: Sequence[float], pieces: Sequence[int]) -> Teeth | None:
    """The teeth of a series, or None."""
    moves = [later - earlier for earlier, later in zip(values, values[1:])]
    if len(moves) < 12:
        return None
    usual = statistics.median(moves)
    wide = 1.4826 * statistics.median(abs(move - usual) for move in moves)
    falls = [
        index + 1
        for index, move in enumerate(moves)
        if move < 0 and move - usual < -_WIDE * wide and pieces[index] == pieces[index + 1]
    ]
    falls = [fall for index, fall in enumerate(falls) if not index or fall - falls[index - 1] > 2]
    if len(falls) < _FALLS:
        return None
    between = [moves[begin : end - 1] for begin, end in zip(falls, falls[1:])]
    rises = [sum(part) for part in between]
    depths = [-moves[fall - 1] for fall in falls[1:]]
    # It rises by as much as it falls, and never by most of it at once: those are steps.
    alike = [0.4 * depth < rise < 2.5 * depth for rise, depth in zip(rises, depths)]
    if sum(alike) < _ALIKE * len(alike):  # the first may be bent by the warm-up
        return None
    if statistics.median(max(part, default=0.0) / depth for part, depth in zip(between, depths)) > 0.7:
        return None
    since: list[float | None] = []
    for index, moment in enumerate(at):
        last = next(
            (fall for fall in reversed(falls) if fall <= index and pieces[fall] == pieces[index]), None
        )
        since.append(None if last is None else moment - at[last])
    return Teeth(since, statistics.median(at[end] - at[begin] for begin, end in zip(falls, falls[1:])))
