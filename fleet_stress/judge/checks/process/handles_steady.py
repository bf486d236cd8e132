"""``handles_steady``: open file descriptors at the same cycle do not grow over restarts (1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings

#: A connection that is just open when we look is no leak.
_SLACK = 3


class HandlesSteady(Check):
    """A finding when the last start holds more than the first one at the same cycle."""

    title = "open handles do not grow over restarts"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        counts = [_by_cycle(start) for start in case.starts]
        counts = [count for count in counts if count]
        pairs = (
            [
                (counts[0][cycle], counts[-1][cycle], cycle)
                for cycle in sorted(counts[0])
                if len(counts) > 1 and cycle in counts[-1]
            ]
            if counts
            else []
        )
        if not pairs:
            reason = "open handles were not seen at the same cycle of two starts"
            yield self.not_exercised("handles", reason)
            return
        first, last, cycle = pairs[0]
        if last > first + _SLACK:
            reason = (
                f"open handles at cycle {cycle} grew from {first} in the first start to {last} in the last"
            )
            yield self.failed("handles", reason)


def _by_cycle(start: Mapping[str, Any]) -> dict[int, int]:
    return {cycle["n"]: cycle["handles"] for cycle in start["cycles"] if cycle["handles"] is not None}
