"""``keeps_cycling``: cycles go on while the network is gone, without a long pause (4.1, 4.2, 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.case import Case
from fleet_stress.checks import network
from fleet_stress.checks.protocol import Check
from fleet_stress.verdict import NOT_EXERCISED, Finding

_ARGUMENTS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cycles"],
    "properties": {
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
    },
}


def judge(case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding for each window with too few cycles or too long a pause."""
    windows = network.windows(case)
    if not windows:
        why = "the network was never taken away"
        yield Finding("keeps_cycling", "cycles", why, NOT_EXERCISED)
    limit = float(arguments.get("longest_pause", float("inf")))
    for window in windows:
        finished, longest = 0, 0.0
        for start in case.starts:
            more, pause = of_start(start, window)
            finished, longest = finished + more, max(longest, pause)
        if finished < arguments["cycles"]:
            reason = (
                f"{finished} cycles were finished in the {window.until - window.at:.1f} s in which"
                f" {window.fault} stood, where {arguments['cycles']} were expected"
            )
            yield Finding("keeps_cycling", "cycles", reason)
        if longest > limit:
            reason = f"a pause of {longest:.1f} s in its cycles while {window.fault} stood; the limit is {limit:g} s"
            yield Finding("keeps_cycling", "pause", reason)


def of_start(start: Mapping[str, Any], window: network.Window) -> tuple[int, float]:
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


CHECK = Check("keeps_cycling", "cycles go on while the network is gone", judge, _ARGUMENTS)
