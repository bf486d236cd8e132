"""``handles_steady``: open file descriptors at the same cycle do not grow over restarts (1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings

#: A connection that is just open when we look is no leak.
_SLACK = 3


class HandlesSteady(Check):
    """A finding when the last start holds more than the first one, at the same cycle and with as many processes."""

    title = "open handles do not grow over restarts"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        counts = [count for count in map(_by_cycle, case.starts) if count]
        first_start, last_start = (counts[0], counts[-1]) if len(counts) > 1 else ({}, {})
        # A program that the bot runs now and then has files open as well, while it runs. In later cycles a bot may
        # have more of them open, so the last start is never compared with an earlier cycle of the first.
        pairs = [
            (first, last, cycle)
            for (cycle, processes), last in sorted(last_start.items())
            for (before, as_many), first in sorted(first_start.items())
            if processes == as_many and cycle <= before
        ]
        if not pairs:
            reason = "open handles were not seen with as many processes in two starts"
            yield self.not_exercised("handles", reason)
            return
        first, last, cycle = pairs[0]
        if last > first + _SLACK:
            reason = (
                f"open handles at cycle {cycle} grew from {first} in the first start to {last} in the last"
            )
            yield self.failed("handles", reason)


def _by_cycle(start: Mapping[str, Any]) -> dict[tuple[int, int], int]:
    """By cycle, and how many processes the bot had then."""
    return {
        (cycle["n"], cycle.get("processes", 1)): cycle["handles"]
        for cycle in start["cycles"]
        if cycle["handles"] is not None
    }
