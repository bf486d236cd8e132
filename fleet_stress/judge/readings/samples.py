"""Samples of a bot's life; and in thirds: the first one after warming up, compared with the last.

Of pace, where a busy host has a say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.judge.case import Case, stop_signal

Sample = Mapping[str, Any]


def of_life(case: Case) -> list[Sample]:
    """All samples, in order, but those of a start that was ending: who gives back what it has does not leak.

    Some of its processes may have gone before others, with all that they held.
    """
    known = {start["n"]: start for start in case.starts}
    return [one for one in case.evidence["samples"] if not _was_ending(known.get(one["start"]), one)]


def _was_ending(start: Mapping[str, Any] | None, sample: Sample) -> bool:
    """Whether it was asked to stop before, or had finished its last cycle and then ended by itself."""
    if start is None:  # of an attempt that was interrupted
        return False
    sent, last, ended = stop_signal(start), start["cycles"][-1:], start["exit"]
    if sent is not None and sample["at"] >= sent["at"]:
        return True
    by_itself = ended is not None and ended["by"] == "itself" and bool(last)
    return by_itself and sample["at"] > last[0]["at"] and sample["cycles"] <= last[0]["n"]


def longest(case: Case) -> tuple[Mapping[str, Any] | None, list[Sample]]:
    """The start of which most samples were taken, and these."""
    life = of_life(case)
    by_start = [
        (start, [sample for sample in life if sample["start"] == start["n"]]) for start in case.starts
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
