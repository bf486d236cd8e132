"""How fast a bot was on this host: the control that deadlines are derived from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet_stress.store.contract import OUTAGES, notices_within


def slowest_cycle(starts: Iterable[Mapping[str, Any]], before: float) -> float:
    """The longest time between two cycles that were finished before a moment, in seconds; 0 where there were no two."""
    longest = 0.0
    for start in starts:
        seen = [float(cycle["at"]) for cycle in start["cycles"] if cycle["at"] < before]
        longest = max([longest, *(later - earlier for earlier, later in zip(seen, seen[1:]))])
    return longest


def patience(bot: Mapping[str, Any], evidence: Mapping[str, Any]) -> float:
    """Seconds in which a bot has to notice that it was cut off, or no longer is.

    What its profile promises, and more where its cycles took long here before it was cut off.
    """
    cut_off = [float(fault["at"]) for fault in evidence["faults"] if fault["fault"] in OUTAGES]
    return notices_within(bot, slowest_cycle(evidence["starts"], min(cut_off, default=float("inf"))))
