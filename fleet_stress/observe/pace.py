"""How fast a bot was on this host: the control that deadlines are derived from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def slowest_cycle(starts: Iterable[Mapping[str, Any]], before: float) -> float:
    """The longest time between two cycles that were finished before a moment, in seconds; 0 where there were no two."""
    longest = 0.0
    for start in starts:
        seen = [float(cycle["at"]) for cycle in start["cycles"] if cycle["at"] < before]
        longest = max([longest, *(later - earlier for earlier, later in zip(seen, seen[1:]))])
    return longest
