"""Which scenarios `make test` runs each mutant through: a cover of all pairs of a mutant and a scenario.

A cover keeps what the whole set proves: each scenario fails on a mutant, and each mutant is caught by a scenario. It is
greedy: first the pair that serves both, then the one that adds the fewest seconds to its
mutant's run, whose scenarios run side by side. The other pairs are run by `make test-long`, with all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from fleet_controller.planning.compile_command import compile_command

from .mutant import Mutant

PROFILES = ("reference", "reference_sqlite")


class Ready(NamedTuple):
    """A scenario, compiled with the first profile of the reference bot that can do it."""

    bot: dict[str, Any]
    scenario: dict[str, Any]


class _Pair(NamedTuple):
    mutant: str
    scenario: str
    fails: bool


@cache
def ready() -> dict[str, Ready]:
    """Each scenario of the catalogue that one of the profiles can do, by name; worked out once."""
    compiled = [compile_command(profile, "smoke", "all") for profile in PROFILES]
    return {
        scenario["id"]: Ready(command.bot, scenario)
        for command in reversed(compiled)
        for scenario in command.scenarios
        if not scenario["skip"]
    }


def cover(mutants: Sequence[Mutant], seconds: Mapping[str, float]) -> dict[str, list[str]]:
    """By mutant, the scenarios to run it through. ``seconds``: about how long each scenario takes."""
    left = {pair for mutant in mutants for pair in _pairs(mutant, seconds)}
    missing = {pair.scenario for pair in left if pair.fails}
    chosen: dict[str, list[str]] = {mutant.name: [] for mutant in mutants}

    def rank(pair: _Pair) -> tuple[Any, ...]:
        taken = chosen[pair.mutant]
        serves = (not taken) + (pair.fails and pair.scenario in missing)
        adds = seconds[pair.scenario] - max((seconds[name] for name in taken), default=0.0)
        return (-serves, not pair.fails, max(0.0, adds), pair)

    while left:
        best = min(left, key=rank)
        if rank(best)[0] == 0:
            break
        left.remove(best)
        chosen[best.mutant].append(best.scenario)
        if best.fails:
            missing.discard(best.scenario)
    return chosen


def _pairs(mutant: Mutant, seconds: Mapping[str, float]) -> Iterator[_Pair]:
    for scenario, verdict in mutant.caught_by.items():
        if scenario in seconds and scenario not in mutant.waits_for:
            yield _Pair(mutant.name, scenario, verdict == "failed")
