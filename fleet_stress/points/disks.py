"""Which points leave the very same disk: one visit stands for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.points.operations import Operation


def disk_of(answer: Mapping[str, Any], operations: Sequence[Operation], index: int) -> tuple[str, int] | None:
    """Which disk a bot finds that was stopped there by ``answer``; points with the same are equal. None: unlike any.

    A bot that is dead has nothing but the disk. It is the one after so many operations of the cycle that change
    something: what opens or syncs a file changes nothing, and killed after one is killed before the next.
    """
    if set(answer) != {"kill"}:
        return None  # a bot that goes on knows what it was doing
    done = operations[: index + (answer["kill"] == "after")]
    return "kill", sum(one.changes for one in done)
