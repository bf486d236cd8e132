"""``steady_pace``: cycle 500 costs no more than cycle 50: not in processor time, in time, or in handles (1.2).

A busy host makes cycles slow, and that is not the bot's fault. So what counts is the processor time that the bot itself
used for each cycle, which no other process can use up. A bot that merely sleeps longer and longer uses none: so cycles
that last longer count as well, but only while the host had idle processors.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import samples, trends

_WARM_UP = 0.1
_SAMPLES = 18
#: Growth in seconds for each cycle below which nothing counts: the kernel's ticks, and cold caches.
_CPU_SLACK, _TIME_SLACK = 0.02, 0.1
#: Share of a steady growth that, within the last third, shows that there is no plateau.
_STILL = 0.4
#: A host with a smaller share of its processors idle, or with that much less than before, may be the cause.
_CALM, _CALMER = 0.3, 0.2


class SteadyPace(Check):
    """Findings about the longest start."""

    title = "cycles do not become slower or more expensive"
    timed = True
    counts = True
    arguments = {
        "cycles": {
            "type": "integer",
            "minimum": 9,
            "description": "Cycles needed after warming up; 30 by default.",
        },
        "factor": {
            "type": "number",
            "minimum": 1.5,
            "description": "Limit of the growth, as a factor; 2 by default.",
        },
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        start, all_of_it = samples.longest(case)
        seen = samples.warmed_up(all_of_it, _WARM_UP, 1)
        cycles = seen[-1]["cycles"] - seen[0]["cycles"] if seen else 0
        needed = arguments.get("cycles", 30)
        if start is None or len(seen) < _SAMPLES or cycles < needed:
            reason = (
                f"{len(seen)} samples over {cycles} cycles after warming up show no pace:"
                f" {_SAMPLES} over {needed} are needed"
            )
            yield self.not_exercised("samples", reason)
            return
        factor = arguments.get("factor", 2.0)
        for one in trends.judged(seen, subjects={"handles"}):
            if one.trend.outcome == "grows":
                yield self.failed("handles", one.told())
        costs = [_costs(third) for third in (samples.thirds(seen)[0], samples.thirds(seen)[2])]
        if all(costs):
            first, last = (statistics.median(cost) for cost in costs)
            apart = min(costs[1]) > max(costs[0])
            if (
                last > factor * first
                and last > first + _CPU_SLACK
                and apart
                and _still_growing(costs[1], first)
            ):
                reason = f"a cycle's processor time grew from {first:.3f} s to {last:.3f} s"
                yield self.failed("processor time", reason)
                return  # and so it takes longer: not reported twice
        if case.bot["cycle"].get("driven_by") != "feed":  # a slow feed is not its fault
            yield from self._times(start, seen, factor)

    def _times(self, start: Mapping[str, Any], seen: Sequence[samples.Sample], factor: float) -> Findings:
        interval = float(start["settings"].get("scan_interval") or 0.0)
        begin = seen[0]["at"]
        cycles = [cycle for cycle in start["cycles"] if cycle["at"] >= begin]
        lasted = [
            (later["at"] - earlier["at"]) / (later["n"] - earlier["n"]) - interval
            for earlier, later in zip(cycles, cycles[1:])
        ]
        early, _, late = samples.thirds(lasted)
        if len(early) < 3:
            return
        slow_then, quick_now = statistics.quantiles(early, n=10)[-1], statistics.quantiles(late, n=10)[0]
        first, last = statistics.median(early), statistics.median(late)
        if not (last > factor * first and last > first + _TIME_SLACK and quick_now > slow_then):
            return
        reason = f"a cycle's duration without its pause grew from {first:.2f} s to {last:.2f} s"
        idle_then, idle_now = (_idle(third) for third in (samples.thirds(seen)[0], samples.thirds(seen)[2]))
        if idle_now is None or idle_then is None:
            why = f"{reason}; whether the host was the cause is unknown"
            yield self.not_exercised("time", why)
        elif idle_now < _CALM or idle_now < idle_then - _CALMER:
            why = f"{reason}; but the host had only {idle_now:.0%} of its processors idle"
            yield self.not_exercised("time", why)
        else:
            yield self.failed("time", f"{reason}, on a host with {idle_now:.0%} of its processors idle")


def _still_growing(late: Sequence[float], first: float) -> bool:
    """No plateau: within the last third it went up by a good part of what it would if it grew all the time.

    A file that is rewritten in every cycle and cut to a length makes cycles dearer until it is full.
    """
    steady_step = (statistics.median(late) - first) / 2 / len(late)
    return late[-1] - late[0] > _STILL * steady_step * (len(late) - 1)


def _costs(third: Sequence[samples.Sample]) -> list[float]:
    """Processor time for each cycle, in three parts of a third."""
    found = []
    for part in samples.thirds(third):
        ends = _ends_of_cycles(part)
        cycles = ends[-1]["cycles"] - ends[0]["cycles"] if ends else 0
        if cycles:
            found.append((ends[-1]["cpu"] - ends[0]["cpu"]) / cycles)
    return found


def _ends_of_cycles(part: Sequence[samples.Sample]) -> Sequence[samples.Sample]:
    """The samples after a cycle ended, or all if these are too few: a part has few long ones, and begins in any."""
    ends = [later for earlier, later in zip(part, part[1:]) if later["cycles"] > earlier["cycles"]]
    return ends if len(ends) > 1 else part


def _idle(part: Sequence[samples.Sample]) -> float | None:
    """The share of all processor time that was idle, not even waiting for a disk."""
    idle = part[-1]["host_idle"] - part[0]["host_idle"]
    whole = part[-1]["host_time"] - part[0]["host_time"]
    return idle / whole if whole > 0 else None
