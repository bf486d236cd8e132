"""Samples in thirds: the first third after warming up, compared with the last. Of pace, where a busy host has a say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.judge.case import Case

Sample = Mapping[str, Any]


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
