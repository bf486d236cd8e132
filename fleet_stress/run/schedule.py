"""Which scenario next: the baseline alone and first, exclusive ones alone, the rest side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Callable

_Scenario = Mapping[str, Any]


def order(scenarios: Iterable[_Scenario]) -> list[_Scenario]:
    """The baseline, then what may share the host, then what wants it alone; longest first in each."""
    return sorted(
        scenarios,
        key=lambda scenario: (
            not scenario["baseline"],
            bool(scenario["exclusive"]),
            -float(scenario["estimate"]),
        ),
    )


def next_to_start(
    waiting: Sequence[_Scenario],
    running: Sequence[_Scenario],
    bots_at_once: int,
    would_meet: Callable[[_Scenario], bool] = lambda _: False,
) -> _Scenario | None:
    """The first waiting scenario that fits beside what runs; None: wait for one to end.

    A weight is how many bots a scenario runs at once; one heavier than the host still runs, alone. Of those
    whose bots ``would_meet`` each other one runs at a time.
    """
    if any(scenario["exclusive"] or scenario["baseline"] for scenario in running):
        return None
    room = bots_at_once - sum(int(scenario["weight"]) for scenario in running)
    met = any(would_meet(scenario) for scenario in running)
    for scenario in waiting:
        alone = scenario["exclusive"] or scenario["baseline"]
        if alone:
            return scenario if not running else None
        if met and would_meet(scenario):
            continue
        if int(scenario["weight"]) <= room or not running:
            return scenario
    return None
