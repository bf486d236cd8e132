"""What of a bot may leak, as series: memory, handles, threads, processes; and the trend of each.

A bot that was started more than once, with as many samples each, is one series that begins anew with each start. Times
are the cycles that it has finished, all its starts together: cycles leak, not hours. Only a run of at least half the
stress plan's six hours is judged by the hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.judge.readings import leak_rate
from fleet_stress.judge.trend import words
from fleet_stress.judge.trend.assess import assess
from fleet_stress.judge.trend.verdict import Series, Trend

Sample = Mapping[str, Any]

#: The stress plan's six hours; and their cycles, at its interval of a minute.
PLAN_HOURS, PLAN_CYCLES = 6.0, 360.0


class Quantity(NamedTuple):
    """Something that may leak: what findings call it, its key in a sample, how it is written, what is too little."""

    subject: str
    name: str
    key: str
    unit: words.Unit
    #: Growth that was seen and is no leak yet: allocators take memory in pieces; what is open may be open just then.
    grain: float


#: What no file backs, page by page or as the kernel counts it; where a system tells neither, RSS is judged.
_MEMORY = (
    Quantity("memory", "memory (anonymous)", "anonymous", words.megabytes, 256_000),
    Quantity("memory", "memory (private)", "private", words.megabytes, 256_000),
    Quantity("memory", "memory (rss)", "rss", words.megabytes, 256_000),
)
_OTHERS = (
    Quantity("handles", "the number of open handles", "handles", words.number, 2),
    Quantity("threads", "the number of threads", "threads", words.number, 2),
    Quantity("processes", "the number of its processes", "processes", words.number, 2),
)


class Judged(NamedTuple):
    """A quantity with its series and its trend."""

    quantity: Quantity
    series: Series
    trend: Trend
    clock: words.Clock


def samples_of(case: Case, warm_up_cycles: int) -> list[Sample]:
    """All samples in order, without those of each start before the end of so many cycles."""
    return [sample for sample in case.evidence["samples"] if sample["cycles"] >= warm_up_cycles]


def cycles_in(samples: Sequence[Sample]) -> int:
    """Cycles between the first and the last sample, all starts together."""
    cycles, _, _ = _times(samples)
    return round(cycles[-1] - cycles[0]) if cycles else 0


def judged(samples: Sequence[Sample], *, at_most: float = 0.2, tolerated: float = 0.03) -> Iterator[Judged]:
    """Each quantity that all samples have. None where there is no sample."""
    if not samples:
        return
    cycles, hours, restarts = _times(samples)
    rate = _slowest_pace(samples)
    by_hour = hours[-1] - hours[0] >= PLAN_HOURS / 2 or cycles[-1] == cycles[0]
    clock = words.Clock("hour" if by_hour else "cycle", rate)
    at, horizon = (hours, PLAN_HOURS) if by_hour else (cycles, PLAN_CYCLES)
    for quantity in (_memory(samples), *_OTHERS):
        if all(sample.get(quantity.key) is not None for sample in samples):
            series = Series(at, [float(sample[quantity.key]) for sample in samples], restarts)
            trend = assess(
                series, horizon=horizon, at_most=at_most, tolerated=tolerated, grain=quantity.grain
            )
            yield Judged(quantity, series, trend, clock)


def _slowest_pace(samples: Sequence[Sample]) -> float:
    """Cycles in an hour, as a bot that is not hurried does them; 0: none was finished."""
    paces = []
    for some in leak_rate.by_start(samples, "cycles"):
        paces.append((some[-1]["cycles"] - some[0]["cycles"]) / (some[-1]["at"] - some[0]["at"]) * 3600)
    return min((pace for pace in paces if pace > 0), default=0.0)


def with_time(samples: Sequence[Sample], at_most: float) -> Iterator[tuple[Quantity, leak_rate.Leak]]:
    """What leaks with hours and not with cycles, by a start that has few of them.

    It takes more than the stress plan's share in six hours, for they are many times what was watched, and a growth that
    was seen already.
    """
    for quantity in (_memory(samples), *_OTHERS) if samples else ():
        leak = leak_rate.of_starts(samples, quantity.key)
        if leak is None or not leak.proven:
            continue
        first = min(float(sample[quantity.key]) for sample in samples if sample.get(quantity.key) is not None)
        low = leak.per_hour.low
        if low * leak.hours > quantity.grain and low * PLAN_HOURS > at_most * first:
            yield quantity, leak


def _memory(samples: Sequence[Sample]) -> Quantity:
    known = (one for one in _MEMORY if all(sample.get(one.key) is not None for sample in samples))
    return next(known, _MEMORY[-1])


def _times(samples: Sequence[Sample]) -> tuple[list[float], list[float], list[int]]:
    """Cycles of all starts together, hours, and where a start begins."""
    cycles: list[float] = []
    restarts, before = [], 0.0
    for index, sample in enumerate(samples):
        if index and sample["start"] != samples[index - 1]["start"]:
            restarts.append(index)
            before = cycles[-1]
        cycles.append(before + float(sample["cycles"]))
    return cycles, [float(sample["at"]) / 3600 for sample in samples], restarts
