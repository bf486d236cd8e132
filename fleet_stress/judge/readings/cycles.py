"""How many cycles were finished while something stood, and the longest pause between two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.readings.outages import Window

ARGUMENTS = {
    "cycles": {
        "type": "integer",
        "minimum": 1,
        "description": "At least so many cycles are finished each time that the network is gone.",
    },
    "longest_pause": {
        "type": "number",
        "exclusiveMinimum": 0,
        "unit": "s",
        "description": "No two finished cycles lie further apart, nor a start and its first one.",
    },
}


def finished_in(start: Mapping[str, Any], window: Window) -> tuple[int, float]:
    """Cycles of one start that were finished in a window, and the longest pause that reaches into it.

    Looking may miss a cycle; their numbers tell how many there were.
    """
    finished, longest, last_at, last_n = 0, 0.0, float(start["at"]), 0
    for one in start["cycles"]:
        at, count = float(one["at"]), int(one["n"]) - last_n
        if window.at <= at <= window.until:
            finished += count  # the engine looks right before it applies a fault: none of them is older
        if at > window.at and last_at < window.until:
            longest = max(longest, (at - last_at) / max(count, 1))
        last_at, last_n = at, int(one["n"])
    # And from its last cycle to its end, or to the end of the window.
    ended = float(start["exit"]["at"]) if start["exit"] else window.until
    end = min(ended, window.until)
    if end > window.at and last_at < end:
        longest = max(longest, end - last_at)
    return finished, longest
