"""What of a bot may leak, as series: memory, handles, threads, processes, folders, time; and the trend of each.

A bot that was started more than once, with as many samples each, is one series that begins anew with each start. Times
are the cycles that it has finished, all its starts together: cycles leak, not hours. Only a start of at least half the
stress plan's six hours is judged by the hour.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.judge.readings import leak_rate
from fleet_stress.judge.readings.samples import of_life
from fleet_stress.judge.trend import words
from fleet_stress.judge.trend.assess import assess
from fleet_stress.judge.trend.verdict import Series, Trend

Sample = Mapping[str, Any]

#: The stress plan's six hours; and their cycles, at its interval of a minute: a start without pauses has more.
PLAN_HOURS, PLAN_CYCLES = 6.0, 360.0


class Quantity(NamedTuple):
    """Something that may leak: what findings call it, its key in a sample, how it is written, what is too little."""

    subject: str
    name: str
    key: str
    unit: words.Unit
    #: Growth that was seen and is no leak yet: allocators take memory in pieces; what is open may be open just then.
    grain: float
    #: Growth in six hours that is only a drift, as a share.
    tolerated: float = 0.03
    #: It is a leak. What a bot keeps in its folders may be meant, and other checks bound it: that is only told.
    leak: bool = True


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
    Quantity("state folder", "its state folder", "state_bytes", words.megabytes, 256_000, leak=False),
    Quantity("log folder", "its log folder", "log_bytes", words.megabytes, 256_000, leak=False),
    Quantity("processor time", "the processor time of a cycle", "cpu", words.seconds, 0.01, 0.2, leak=False),
)


#: Subjects of which a growth is a leak; and those of which it is only told.
LEAKS = frozenset(one.subject for one in (*_MEMORY, *_OTHERS) if one.leak)
TOLD = frozenset(one.subject for one in _OTHERS if not one.leak)


class Judged(NamedTuple):
    """A quantity with its series, the sample of each of its values, and its trend."""

    quantity: Quantity
    samples: Sequence[Sample]
    series: Series
    trend: Trend
    clock: words.Clock

    def told(self, limits: Sequence[words.Limit] = ()) -> str:
        """What came of it, in words; of what grows also when it reaches one of these."""
        told = (self.quantity.name, self.trend, self.clock, self.quantity.unit)
        if self.trend.outcome == "grows":
            return words.grows(*told, limits)
        return words.unclear(*told) if self.trend.outcome == "unclear" else words.steady(*told)


def samples_of(case: Case, warm_up_cycles: int) -> list[Sample]:
    """All samples of its life in order, without those of each start before the end of so many cycles."""
    return [sample for sample in of_life(case) if sample["cycles"] >= warm_up_cycles]


def cycles_in(samples: Sequence[Sample]) -> int:
    """Cycles between the first and the last sample, all starts together."""
    cycles, _, _ = _times(samples)
    return round(cycles[-1] - cycles[0]) if cycles else 0


def judged(
    samples: Sequence[Sample],
    *,
    at_most: float = 0.2,
    tolerated: float | None = None,
    subjects: Collection[str] | None = None,
) -> Iterator[Judged]:
    """Each quantity that the samples have (of ``subjects``; all by default). None where there is no sample."""
    for quantity, known, series, clock in series_of(samples):
        if subjects is None or quantity.subject in subjects:
            horizon = PLAN_HOURS if clock.unit == "hour" else max(PLAN_CYCLES, _span(series))
            drift = quantity.tolerated if tolerated is None else tolerated
            trend = assess(series, horizon=horizon, at_most=at_most, tolerated=drift, grain=quantity.grain)
            if _span(series) < horizon:
                trend = _not_yet(trend, drift, horizon - _span(series))
            yield Judged(quantity, known, series, trend, clock)


def _not_yet(trend: Trend, tolerated: float, left: float) -> Trend:
    """A trend that was watched for less than six hours, of which so much is ``left``.

    A cache that fills looks like a leak until it is full. So a short run tells one only by as much growth as is a drift
    in all the six hours.
    """
    grown, needed = trend.slope * (trend.until - trend.since), tolerated * trend.line(trend.since)
    if trend.outcome != "grows" or grown >= needed:
        return trend
    return trend._replace(outcome="unclear", by="early", more=min(left, (needed - grown) / trend.slope))


def _span(series: Series) -> float:
    """All its cycles: a start that does not pause has as many of them as six hours."""
    return series.at[-1] - series.at[0] if series.at else 0.0


def series_of(
    samples: Sequence[Sample],
) -> Iterator[tuple[Quantity, list[Sample], Series, words.Clock]]:
    """Each quantity that the samples have: those that know it, its series, and what its times are.

    All starts together are a series by cycles; a start of at least half the plan's hours is one of its own, by hours.
    """
    by_hour = [
        some
        for some in leak_rate.by_start(samples, "cycles")
        if (some[-1]["at"] - some[0]["at"]) / 3600 >= PLAN_HOURS / 2
    ]
    apart = {some[0]["start"] for some in by_hour}
    by_cycle = [sample for sample in samples if sample["start"] not in apart]
    pace = _slowest_pace(samples)
    for some in filter(None, (by_cycle, *by_hour)):
        cycles, hours, restarts = _times(some)
        clock = words.Clock("cycle" if some is by_cycle else "hour", pace)
        yield from _series_of(some, clock, cycles if some is by_cycle else hours, restarts)


def _series_of(
    samples: Sequence[Sample], clock: words.Clock, at: Sequence[float], restarts: Sequence[int]
) -> Iterator[tuple[Quantity, list[Sample], Series, words.Clock]]:
    for quantity in (memory_of(samples), *_OTHERS):
        values = [sample.get(quantity.key) for sample in samples]
        if quantity.key == "cpu":
            values = _for_each_cycle(samples)
        known = [sample for sample, value in zip(samples, values) if value is not None]
        if 2 * len(known) >= len(samples):
            yield quantity, known, _series(at, restarts, values), clock


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
    for quantity in (memory_of(samples), *_OTHERS) if samples else ():
        if not quantity.leak:
            continue
        leak = leak_rate.of_starts(samples, quantity.key)
        if leak is None or not leak.proven:
            continue
        first = min(float(sample[quantity.key]) for sample in samples if sample.get(quantity.key) is not None)
        low = leak.per_hour.low
        if low * leak.hours > quantity.grain and low * PLAN_HOURS > at_most * first:
            yield quantity, leak


def kind(samples: Sequence[Sample], quantity: Quantity) -> str:
    """That what grows does so with cycles, where a slow start shows that time alone adds nothing; else nothing."""
    leak = leak_rate.of_starts(samples, quantity.key)
    return "; it comes with cycles, not with time" if leak and leak.per_cycle.is_certain else ""


def memory_of(samples: Sequence[Sample]) -> Quantity:
    """The best measure of memory that all of them have."""
    known = (one for one in _MEMORY if all(sample.get(one.key) is not None for sample in samples))
    return next(known, _MEMORY[-1])


def _series(at: Sequence[float], restarts: Sequence[int], values: Sequence[float | None]) -> Series:
    """What is known; a restart is at the first known sample from it on."""
    kept = [index for index, value in enumerate(values) if value is not None]
    marks = [next((place for place, index in enumerate(kept) if index >= restart), 0) for restart in restarts]
    known = [float(value) for value in values if value is not None]
    return Series([at[index] for index in kept], known, sorted({mark for mark in marks if mark}))


def _for_each_cycle(samples: Sequence[Sample]) -> list[float | None]:
    """Processor seconds for each cycle since the sample before."""
    costs: list[float | None] = [None]
    for earlier, later in zip(samples, samples[1:]):
        cycles = later["cycles"] - earlier["cycles"]
        alike = earlier["start"] == later["start"] and cycles > 0 and "cpu" in earlier and "cpu" in later
        costs.append((later["cpu"] - earlier["cpu"]) / cycles if alike else None)
    return costs


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
