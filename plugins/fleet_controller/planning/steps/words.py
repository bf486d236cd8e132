"""Arguments of faults and checks, and expectations: durations in seconds, files that the bot has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_controller.catalogue.durations import seconds
from fleet_controller.catalogue.located_yaml import At
from fleet_controller.catalogue.schema import is_duration
from fleet_controller.catalogue.schema_errors import complaints
from fleet_controller.messages.errors import did_you_mean, listed
from fleet_controller.planning.deadlines import Impossible
from fleet_controller.planning.steps.scenario_steps import ScenarioSteps, Step

#: Arguments of faults and checks that name a file of the bot by its role.
ROLE_ARGUMENTS = ("file", "except")


def expect(scenario: ScenarioSteps, expectations: Sequence[Any], at: At) -> list[Step]:
    """``expect``: set aside in the scenario's ``expect``; nothing is done at this step."""
    if at.count("repeat"):
        raise Impossible(
            "expectations cannot be repeated", "they are judged once, at the end", "move them there"
        )
    for number, expected in enumerate(expectations):
        name, given = (expected, {}) if isinstance(expected, str) else next(iter(expected.items()))
        words, here = scenario.vocabulary.checks[name], (*at, number, name)
        if words.short and not isinstance(given, Mapping):
            given = {words.short: given}
        scenario.expect.append({"check": name, "args": of_schema(scenario, given, words.arguments, here)})
    return []


def of_schema(scenario: ScenarioSteps, given: Mapping[str, Any], schema: Mapping[str, Any], at: At) -> Step:
    """The arguments of a fault or check, as the plan has them; what is wrong with them is refused."""
    done: Step = in_seconds(given, schema)
    for name, value in given.items():
        if name in ROLE_ARGUMENTS:
            for role in [value] if isinstance(value, str) else value:
                _check_role(scenario, role, (*at, name))
    # A bare `- exit_code` has no arguments at all, which only the check's own schema refuses.
    scenario.problems.found.extend(complaints(scenario.document, done, schema, at))
    return done


def _check_role(scenario: ScenarioSteps, role: str, at: At) -> None:
    roles = [*scenario.bot["state"], *scenario.bot["logs"]]
    if role not in roles:
        why = f"the bot profile {scenario.bot['name']} names: {listed(roles)}"
        do = did_you_mean(role, roles, f"say `needs: {{state: [{role}]}}` to skip bots without it")
        scenario.refuse(at, f"unknown file `{role}`", why, do)


def in_seconds(value: Any, schema: Any) -> Any:
    """A value with each duration in it in seconds, as its schema says which are."""
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        return {name: in_seconds(item, known.get(name, {})) for name, item in value.items()}
    if isinstance(value, list):
        return [in_seconds(item, schema.get("items", {})) for item in value]
    return seconds(value) if is_duration(schema) else value
