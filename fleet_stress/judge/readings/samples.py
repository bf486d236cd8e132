"""Samples in thirds: the first third after warming up, compared with the last. Shared by two checks."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.judge.case import Case

Sample = Mapping[str, Any]

#: Growth of open handles that is no leak: connections may just be open at a look.
HANDLES_SLACK = 4


def longest(case: Case) -> tuple[Mapping[str, Any] | None, list[Sample]]:
    """The start of which most samples were taken, and these."""
    by_start = [
        (start, [sample for sample in case.evidence["samples"] if sample["start"] == start["n"]])
        for start in case.starts
    ]
    return max(by_start, key=lambda pair: len(pair[1]), default=(None, []))


def warmed_up(samples: Sequence[Sample], share: float, cycles: int) -> list[Sample]:
    """Samples without the first ``share`` of them, and without those before the end of ``cycles``."""
    late = samples[math.ceil(len(samples) * share) :]
    return [sample for sample in late if sample["cycles"] >= cycles]


def thirds(values: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    """In order; what cannot be divided goes to the middle."""
    size = len(values) // 3
    return values[:size], values[size : len(values) - size], values[len(values) - size :]


def median(samples: Sequence[Sample], word: str) -> float:
    """The median of one measure."""
    return float(statistics.median(sample[word] for sample in samples))


def handles_grow(samples: Sequence[Sample]) -> str | None:
    """A sentence when open handles went up from the first to the middle to the last third."""
    first, middle, last = (median(third, "handles") for third in thirds(samples))
    if last > first + max(HANDLES_SLACK, 0.2 * first) and first < middle < last:
        cycles = samples[-1]["cycles"] - samples[0]["cycles"]
        return f"open handles grew from {first:g} to {last:g} in {cycles} cycles of one start"
    return None
