"""Faults that a scenario applies and lifts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fleet_controller.catalogue.located_yaml import At
from fleet_controller.messages.errors import did_you_mean
from fleet_controller.planning.deadlines import Impossible
from fleet_controller.planning.steps import words
from fleet_controller.planning.steps.scenario_steps import ScenarioSteps, Step
from fleet_stress.store import sizes


def fault(scenario: ScenarioSteps, arguments: Mapping[str, Any], at: At) -> Step:
    """``fault``: one, with its arguments; of a kind that lasts, one at a time."""
    name, given = next(iter(arguments.items()))
    vocabulary, pace = scenario.vocabulary, scenario.pace
    pace.fault()
    if name in scenario.active:
        why = "one of a kind stands at a time"
        raise Impossible(f"the fault `{name}` is applied while it stands", why, f"`lift: {name}` before")
    pace.slowed = pace.slowed or name in vocabulary.slowing
    scenario.active |= {name} if name in vocabulary.lasting else set()
    schema = vocabulary.faults[name]
    known = len(scenario.problems.found)
    done = words.of_schema(scenario, _with_room(scenario, given, schema), schema, (*at, name))
    impossible = vocabulary.impossible.get(name)
    cannot = impossible(done) if impossible and len(scenario.problems.found) == known else None
    if cannot:
        what = f"the fault `{name}` cannot be like this"
        scenario.refuse((*at, name), what, cannot, "write it as one that can be")
    return {"fault": name, "args": done}


def _with_room(
    scenario: ScenarioSteps, given: Mapping[str, Any], schema: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Sizes of what the bot has to live on (``at_least: room`` in the schema), raised to what it needs.

    Else the scenario's size would be the fault.
    """
    raised = {}
    for name, argument in schema.get("properties", {}).items():
        size = given.get(name)
        if argument.get("at_least") != "room" or not isinstance(size, str) or not re.match(sizes.SOME, size):
            continue
        room, folders = scenario.bot["room"], ("state", "log")
        needed = sum(
            sizes.in_bytes(room[folder]) for folder in folders if given.get("folder") in (folder, "both")
        )
        if needed > sizes.in_bytes(size):
            raised[name] = f"{-(-needed // 2**20)}MB"
            note = f"a volume has {raised[name]} where {size} were asked for: the bot needs them"
            scenario.notes[note] = None
    return {**given, **raised}


def lift(scenario: ScenarioSteps, name: str, _at: At) -> Step:
    """``lift``: end a fault that stands."""
    if name not in scenario.active:
        do = did_you_mean(name, scenario.active, "apply it before")
        raise Impossible(f"the fault `{name}` does not stand here", "only what stands can be lifted", do)
    scenario.active.remove(name)
    scenario.pace.fault()
    return {"fault": name}
