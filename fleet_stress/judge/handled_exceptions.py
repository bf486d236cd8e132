"""Exceptions that the bot has handled and logged with their traceback: notes, no findings.

How many are too many is for the checks ``no_traceback`` and ``traceback_rate``.
"""

from __future__ import annotations

from collections.abc import Iterator

from fleet_stress.judge.case import Case
from fleet_stress.judge.readings import tracebacks

_CHECKS = ("no_traceback", "traceback_rate")
_NAMED = 5


def notes(case: Case) -> Iterator[str]:
    """A sentence for each of the most frequent ones, where the scenario looks for tracebacks at all."""
    if not any(expected["check"] in _CHECKS for expected in case.scenario["expect"]):
        return
    handled = tracebacks.by_cause(each for each in tracebacks.seen(case) if not each.unhandled)
    most = sorted(handled.values(), key=lambda each: -each.often)
    for each in most[:_NAMED]:
        times = "once" if each.often == 1 else f"{each.often} times, first"
        yield f"handled, and reported with a traceback: {each.first.exception}, {times} in {each.names[0]}"
    if len(most) > _NAMED:
        yield f"and {len(most) - _NAMED} other exceptions that were handled and reported with a traceback"
