"""Steps that hold steps: repeated, done only where a bot logs nothing, or done at each point of a cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_controller.catalogue.durations import seconds
from fleet_controller.catalogue.located_yaml import At
from fleet_controller.planning.steps import words
from fleet_controller.planning.steps.scenario_steps import ScenarioSteps, Step
from fleet_stress.faulty_fs.shipped import rules
from fleet_stress.store.contract import ARENA_WITHIN

#: A usual bot's cycle has so many points, an estimate.
_POINTS = 30
#: For visits and recordings where a scenario does not say.
_BUDGET = "10m"


def repeat(scenario: ScenarioSteps, arguments: Mapping[str, Any], at: At) -> Step:
    """``repeat``: so many times; up to more for a bot that keeps many files."""
    times, inner, pace = int(arguments["times"]), (*at, "steps"), scenario.pace
    up_to = _up_to(scenario, arguments)
    steps = scenario.steps(arguments["steps"], inner)
    if times > 1:
        # A second time, because the first may leave the bot running.
        estimate, within = pace.estimate, pace.within
        scenario.steps(arguments["steps"], inner)
        each, each_within = pace.estimate - estimate, pace.within - within
        pace.take(each * (times - 2), each_within * (max(times, up_to) - 2))
    return {"times": times, **({"up_to": up_to} if up_to > times else {}), "steps": steps}


def _up_to(scenario: ScenarioSteps, arguments: Mapping[str, Any]) -> int:
    """So many rounds at most that a bot which keeps more files than it says has to show it."""
    if "up_to" not in arguments:
        return 0
    kept = [
        int(log["backups"])
        for log in scenario.bot["logs"].values()
        if "per_start" in log and "backups" in log
    ]
    return max([int(arguments["up_to"]), *(backups + 2 for backups in kept)])


def unless_logged(scenario: ScenarioSteps, arguments: Sequence[Step], at: At) -> Step | list[Step]:
    """``unless_logged``: its exchange goes away, and a bot that logs nothing in peace logs that.

    One without an exchange cannot.
    """
    if not scenario.bot["exchange"]:
        return []
    return {"steps": scenario.steps(arguments, at)}


def with_exchange(scenario: ScenarioSteps, arguments: Sequence[Step], at: At) -> list[Step]:
    """``with_exchange``: steps of a bot that has an exchange; of any other they are left out."""
    return scenario.steps(arguments, at) if scenario.bot["exchange"] else []


def visit(scenario: ScenarioSteps, arguments: Mapping[str, Any], at: At) -> Step:
    """``visit``: each point of what the bot does ``under`` these steps, and how it goes on ``then``."""
    pace = scenario.pace
    pace.ended("visits points")
    estimate, within = pace.estimate, pace.within
    parts = {}
    for name in ("under", "then"):
        pace.fault()
        parts[name] = scenario.steps(arguments[name], (*at, name))
        pace.ended(f"leaves the bot running at the end of `{name}`")
    each, usual = pace.within - within, pace.estimate - estimate
    at_once, most = int(arguments.get("at_once", 4)), arguments.get("most")
    budget = seconds(arguments.get("budget", _BUDGET))
    # The two recordings run side by side, and the last visits begin just before the budget is spent.
    usual *= 1 + min(_POINTS, _POINTS if most is None else int(most)) / at_once
    pace.take(min(budget, usual), budget + 2 * (each + ARENA_WITHIN))
    outer, scenario.expect = scenario.expect, []
    words.expect(scenario, arguments["expect"], (*at, "expect"))
    own, scenario.expect = scenario.expect, outer
    return {
        "folder": arguments.get("folder", "both"),
        "answers": [
            _answer(scenario, answer, (*at, "answers", number))
            for number, answer in enumerate(arguments["answers"])
        ],
        **parts,
        "expect": own,
        "at_once": at_once,
        "budget": budget,
        "every_class": bool(arguments.get("every_class", False)),
        "most": None if most is None else int(most),
        "each_within": each,
    }


def _answer(scenario: ScenarioSteps, given: Mapping[str, Any], at: At) -> Step:
    """A rule of the faulty file system without its operation, which a recording finds."""
    done: Step = words.in_seconds(given, rules.ANSWER)
    wrong = rules.impossible([{"on": ["any"], "at": 1, **done}])
    if wrong:
        scenario.refuse(at, "an answer that cannot be", wrong, "write it as one that can be")
    return done
