"""How many cycles were finished in a time window, and the longest pause between two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet_stress.judge.readings.outages import Window

ARGUMENTS = {
    "cycles": {
        "type": "integer",
        "minimum": 1,
        "description": "At least this many cycles are finished while the fault is active.",
    },
    "longest_pause": {
        "type": "number",
        "exclusiveMinimum": 0,
        "unit": "s",
        "description": "Limit of the time between two finished cycles, and from a start to its first one.",
    },
}


def finished_in(starts: Iterable[Mapping[str, Any]], window: Window) -> tuple[int, float]:
    """Cycles that were finished in a window, and the longest pause that reaches into it."""
    each = [_finished_in(start, window) for start in starts]
    return sum(finished for finished, _ in each), max((pause for _, pause in each), default=0.0)


def _finished_in(start: Mapping[str, Any], window: Window) -> tuple[int, float]:
    """Of one start. A look may miss a cycle; their numbers tell how many there were."""
    finished, longest, last_at, last_n = 0, 0.0, float(start["at"]), 0
    for cycle in start["cycles"]:
        at, count = float(cycle["at"]), int(cycle["n"]) - last_n
        if window.at <= at <= window.until:
            finished += count  # the engine looks right before it applies a fault: none of them is older
        if at > window.at and last_at < window.until:
            longest = max(longest, (at - last_at) / max(count, 1))
        last_at, last_n = at, int(cycle["n"])
    # And from its last cycle to its end, or to the end of the window.
    ended = float(start["exit"]["at"]) if start["exit"] else window.until
    end = min(ended, window.until)
    if end > window.at and last_at < end:
        longest = max(longest, end - last_at)
    return finished, longest
