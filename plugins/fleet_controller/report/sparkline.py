"""Memory of a run under way, as a curve of one line for each scenario that samples it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_controller.messages.text import plain

_BARS = "▁▂▃▄▅▆▇█"
#: What a host may make of it: scenarios, points, the largest number.
_MOST, _POINTS, _LARGEST = 20, 60, 1e15


def curves(sampled: Any) -> Iterator[str]:
    """``memory: RSS ▁▂▃▅█ 46 to 48 MB, 3.2 h, 195 cycles``, from what a host says, of which nothing is believed."""
    for entry in sampled[:_MOST] if isinstance(sampled, list) else ():
        if not isinstance(entry, Mapping):
            continue
        values = entry.get("rss")
        known = [value for value in values[:_POINTS] if _is_number(value)] if isinstance(values, list) else []
        hours, cycles = entry.get("hours"), entry.get("cycles")
        if known and _is_number(hours) and _is_number(cycles):
            low, high = min(known) / 1e6, max(known) / 1e6
            name = plain(entry.get("scenario"), 60)
            yield f"{name}: RSS {sparkline(known)} {low:.0f} to {high:.0f} MB, {hours:.1f} h, {cycles:.0f} cycles"


def sparkline(values: Sequence[float]) -> str:
    """A bar for each value, between the lowest and the highest; all of them low where nothing moves by a hundredth."""
    low, high = min(values), max(values)
    span = max(high - low, abs(high) / 100, 1e-9)
    return "".join(_BARS[min(len(_BARS) - 1, int((value - low) / span * len(_BARS)))] for value in values)


def _is_number(value: Any) -> bool:
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return real and math.isfinite(value) and 0 <= value <= _LARGEST
