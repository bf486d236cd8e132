"""What the arenas of a run share of the network: nothing, or the network of their host.

In networks of their own no arena meets another one: the same port is free in each, and so is the same abstract socket
(unix(7)). Where a host has none to give, or a bot has to reach what is outside its arena, all are in the host's
network. A bot that takes the same port of it at each start then meets its own copy in another arena, so its rows run
one after another. Which it is, is decided before the baseline and again after it, and is kept in the run's folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fleet_stress import system
from fleet_stress.faults import any_by_user
from fleet_stress.scenario.cable_prompt import REQUESTS
from fleet_stress.store import bounded_read
from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.errors import Damaged
from fleet_stress.store.layout import RunFolder
from fleet_stress.store.plan_steps import all_steps

#: Networks of an arena: with nothing but its own loopback; with an outside of ours (``private_network``); the host's.
OWN, PRIVATE, HOST = "own", "private", "host"


class Neighbours(NamedTuple):
    """``network``: OWN, or HOST with ``why``. ``taken``: what the bot takes of a network at each of its starts."""

    network: str
    why: str
    taken: list[str]

    def of(self, scenario: Mapping[str, Any]) -> str:
        """In which network an arena runs a scenario."""
        if scenario.get("network") == PRIVATE and not system.FILTERS_BY_USER:
            return PRIVATE
        return HOST if self.network == HOST or _is_about_the_host(scenario) else OWN

    def would_meet(self, bot: Mapping[str, Any], scenario: Mapping[str, Any]) -> bool:
        """Whether the bot of this scenario would meet its own copy in another arena for which this is true."""
        return bool(self.taken or bot.get("fixed_port")) and self.of(scenario) == HOST


def before_baseline(bot: Mapping[str, Any]) -> Neighbours:
    """By the bot profile and what the host can do."""
    if bot.get("network") == HOST:
        return Neighbours(HOST, "the bot profile says `network: host`", [])
    if bot.get("network") is None and bot.get("hosts") and not bot.get("companions"):
        return Neighbours(HOST, "no companion stands for the hosts that the bot connects to", [])
    lacking = system.no_own_network()
    if lacking is not None:
        return Neighbours(HOST, f"an arena cannot have a network of its own here: {lacking}", [])
    return Neighbours(OWN, "", [])


def after_baseline(known: Neighbours, bot: Mapping[str, Any], evidence: Mapping[str, Any]) -> Neighbours:
    """By what its evidence shows as well; if the network is another one then, the baseline has to run again."""
    known = known._replace(taken=_taken(evidence))
    missed = (evidence.get("network") or {}).get("looked_elsewhere")
    if known.network == OWN and missed and bot.get("network") is None:
        counted = ", ".join(f"{name} {count}" for name, count in sorted(missed.items()))
        why = f"in a network of its own the bot looked in vain for what is outside it ({counted})"
        return known._replace(network=HOST, why=why)
    return known


def _taken(evidence: Mapping[str, Any]) -> list[str]:
    """What each of at least two starts took. A port that the system chooses is another one each time."""
    taken = [set(start.get("taken", ())) for start in evidence["starts"] if start["cycles"]]
    return sorted(set.intersection(*taken)) if len(taken) > 1 else []


def store(run: RunFolder, neighbours: Neighbours) -> None:
    """For the arenas, and for a supervisor that resumes the run. Raises OSError."""
    write_atomic(run.neighbours, neighbours._asdict())


def stored(run: RunFolder) -> Neighbours | None:
    """What was stored; None: nothing yet, or nothing that can be read."""
    try:
        found = bounded_read.document(run.neighbours)
        return Neighbours(str(found["network"]), str(found["why"]), list(map(str, found["taken"])))
    except (OSError, Damaged, KeyError, TypeError):
        return None


def _is_about_the_host(scenario: Mapping[str, Any]) -> bool:
    """A fault is applied to the host's own network, or a person to its cable."""
    waited = (step["args"].get("until") for step in all_steps(scenario["steps"]) if step["verb"] == "wait")
    return any_by_user(scenario["steps"]) or any(event in REQUESTS for event in waited)
