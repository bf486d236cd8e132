"""``memory_trend``: memory does not keep growing (2).

The stress plan's rule: more than 20 % of growth without a plateau is a leak. It compares the medians of the first and
the last third after warming up, of memory that no file backs where that is known: an interpreter that is still loading,
and what is read once, are no leak. A plateau is a last third that no longer grew.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import samples

#: Growth in bytes below which nothing is a leak, whatever share it is: allocators take memory in such steps.
_SLACK = 1_000_000
#: Share of the growth that, after the middle third, shows that it continues: there is no plateau.
_STILL = 0.25


class MemoryTrend(Check):
    """A finding when memory or handles of the longest start went up and did not level off."""

    title = "memory does not keep growing"
    arguments = {
        "at_most": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": "Growth as a share of what was there; 0.2 by default, as in the stress plan.",
        },
        "warm_up": {
            "type": "number",
            "minimum": 0,
            "maximum": 0.9,
            "description": "Share of the samples that is cut off at the beginning; 0.2 by default.",
        },
        "warm_up_cycles": {
            "type": "integer",
            "minimum": 0,
            "description": "Samples before the end of this many cycles are cut off as well; 5 by default.",
        },
        "samples": {
            "type": "integer",
            "minimum": 6,
            "description": "Samples needed after warming up; 15 by default.",
        },
        "cycles": {
            "type": "integer",
            "minimum": 1,
            "description": "Cycles needed after warming up; 15 by default.",
        },
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        _, all_of_it = samples.longest(case)
        seen = samples.warmed_up(all_of_it, arguments.get("warm_up", 0.2), arguments.get("warm_up_cycles", 5))
        cycles = seen[-1]["cycles"] - seen[0]["cycles"] if seen else 0
        needed, needed_cycles = arguments.get("samples", 15), arguments.get("cycles", 15)
        if len(seen) < needed or cycles < needed_cycles:
            reason = (
                f"{len(seen)} samples over {cycles} cycles after warming up show no trend:"
                f" {needed} over {needed_cycles} are needed"
            )
            yield self.not_exercised("samples", reason)
            return
        word = "private" if all(sample["private"] is not None for sample in seen) else "rss"
        first, middle, last = (samples.median(third, word) for third in samples.thirds(seen))
        growth, allowed = last - first, arguments.get("at_most", 0.2)
        if growth > max(allowed * first, _SLACK) and last - middle > _STILL * growth:
            hours = (seen[-1]["at"] - seen[0]["at"]) / 3600
            reason = (
                f"memory ({word}) grew by {growth / first:.0%}, from {first / 1e6:.1f} to {last / 1e6:.1f} MB, in"
                f" {cycles} cycles ({hours:.2g} h) after warming up, and did not level off; the limit is {allowed:.0%}"
            )
            yield self.failed("memory", reason)
        handles = samples.handles_grow(seen)
        if handles:
            yield self.failed("handles", handles)
