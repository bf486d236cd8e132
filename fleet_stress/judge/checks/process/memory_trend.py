"""``memory_trend``: memory, handles, threads and processes do not keep growing (2).

The statistics are in ``judge/trend``; docs/memory.md says how they decide. What cannot be told yet is
``not_exercised``, and says how much longer it takes.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import drawn_trends, trends
from fleet_stress.judge.trend import words
from fleet_stress.store import sizes

#: Of the arguments by which a trend is judged; None: as the quantity has it.
_DEFAULTS: Mapping[str, Any] = {"warm_up_cycles": 5, "at_most": 0.2, "tolerated": None}


class MemoryTrend(Check):
    """A finding for each quantity that grows, or of which that cannot be told."""

    title = "memory does not keep growing"
    arguments = {
        "at_most": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": "The stress plan's limit: growth in six hours or 360 cycles, as a share; 0.2 by default.",
        },
        "tolerated": {
            "type": "number",
            "minimum": 0,
            "description": "Proven growth in the same time that is only a drift, as a share; 0.03 by default.",
        },
        "warm_up_cycles": {
            "type": "integer",
            "minimum": 0,
            "description": "Samples before the end of this many cycles of a start are left out; 5 by default.",
        },
        "samples": {
            "type": "integer",
            "minimum": 6,
            "description": "Samples needed after warming up; 16 by default.",
        },
        "cycles": {
            "type": "integer",
            "minimum": 1,
            "description": "Cycles needed after warming up; 15 by default.",
        },
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        seen = _seen(case, arguments)
        cycles = trends.cycles_in(seen)
        needed, needed_cycles = arguments.get("samples", 16), arguments.get("cycles", 15)
        if len(seen) < needed or cycles < needed_cycles:
            reason = (
                f"{len(seen)} samples over {cycles} cycles after warming up show no trend:"
                f" {needed} over {needed_cycles} are needed"
            )
            yield self.not_exercised("samples", reason)
            return
        found = list(_judged(case, arguments, trends.LEAKS))
        decided = {one.quantity.subject for one in found if one.trend.outcome != "unclear"}
        timed = dict(trends.with_time(seen, arguments.get("at_most", _DEFAULTS["at_most"])))
        only_with_time = {of.subject for of, leak in timed.items() if not leak.per_cycle.is_certain}
        for one in found:
            if one.quantity.subject in only_with_time:
                continue
            if one.trend.outcome == "grows":
                limits = limits_of(case) or _of_host(case) if one.quantity.subject == "memory" else ()
                kind = trends.kind(seen, one.quantity) if one.quantity not in timed else ""
                yield self.failed(one.quantity.subject, one.told(limits) + kind)
            elif one.quantity.subject not in decided:
                yield self.not_exercised(one.quantity.subject, one.told())
        for quantity, leak in timed.items():
            low, high = (quantity.unit(end) for end in (leak.per_hour.low, leak.per_hour.high))
            reason = (
                f"{quantity.name} grows with time, whatever its cycles do: by {quantity.unit(leak.per_hour.value)} an"
                f" hour (95 %: {low} to {high}), by a start that finished few of them"
            )
            yield self.failed(f"{quantity.subject} with time", reason)


def limits_of(case: Case) -> list[words.Limit]:
    """Stated limits of its memory, in bytes: its profile's."""
    stated = case.bot.get("memory_limit")
    return [words.Limit("its memory_limit", sizes.in_bytes(stated))] if stated else []


def _of_host(case: Case) -> list[words.Limit]:
    """Where no profile says how much it may take: all that its host has. Older evidence does not say."""
    known = case.evidence.get("sampler", {}).get("host_memory")
    return [words.Limit("the host's memory", float(known))] if known else []


def notes(case: Case) -> Iterator[str]:
    """How much the memory of a bot changes that does not leak; and what else grows, and may be meant to."""
    for expected in case.scenario["expect"]:
        if expected["check"] == "memory_trend":
            for one in _judged(case, expected["args"], {"memory", *trends.TOLD}):
                steady = one.trend.outcome == "steady" and one.quantity.subject == "memory"
                if steady or (one.trend.outcome == "grows" and not one.quantity.leak):
                    yield one.told()


def drawn(case: Case) -> list[dict[str, Any]]:
    """The trends of a row that asks for them, for its page."""
    found: list[dict[str, Any]] = []
    for expected in case.scenario["expect"]:
        if expected["check"] == "memory_trend":
            # what is counted anew between samples is no column of theirs
            for one in _judged(case, expected["args"], trends.LEAKS | trends.TOLD - {"processor time"}):
                found += drawn_trends.drawn(one.samples, [one], limits_of(case))
    return found


def _seen(case: Case, arguments: Arguments) -> list[trends.Sample]:
    return trends.samples_of(case, arguments.get("warm_up_cycles", _DEFAULTS["warm_up_cycles"]))


def _judged(case: Case, arguments: Arguments, subjects: Collection[str]) -> list[trends.Judged]:
    found = _all(case, *(arguments.get(word, default) for word, default in _DEFAULTS.items()))
    return [one for one in found if one.quantity.subject in subjects]


@functools.lru_cache(maxsize=1)
def _all(case: Case, warm_up_cycles: int, at_most: float, tolerated: float | None) -> list[trends.Judged]:
    """Of one row its verdict, its notes and its page ask for the same, and it takes a while."""
    seen = trends.samples_of(case, warm_up_cycles)
    return list(trends.judged(seen, at_most=at_most, tolerated=tolerated))
