"""Waits and signals: until what, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_controller.catalogue.durations import seconds
from fleet_controller.catalogue.located_yaml import At
from fleet_controller.planning.deadlines import Impossible
from fleet_controller.planning.steps.scenario_steps import ScenarioSteps, Step

#: So long an aimed signal waits for its moment unless the scenario says otherwise, in seconds.
AIM_WITHIN = 60.0
#: A person pulled the cable.
_BY_HAND = "unplugged"


def wait(scenario: ScenarioSteps, arguments: Any, _at: At) -> Step | list[Step]:
    """``wait``: for a time, or for an event with a deadline."""
    pace = scenario.pace
    if not isinstance(arguments, Mapping):
        then = seconds(arguments)
        pace.take(then, then)
        return {"until": None, "within": 0.0, "then": then}
    until, asked = arguments["until"], arguments.get("within")
    then, within = seconds(arguments.get("then", 0)), None if asked is None else seconds(asked)
    if scenario.stands_still and (until in ("exit", "first_cycle") or "more_cycles" in until):
        return _until_noticed(scenario, until, then)
    if until == "exit" and scenario.bot["ended_by"] and pace.limit:
        return _end(scenario, pace.limit, within, then, may_end=bool(arguments.get("may_end")))
    step: Step = {"until": until}
    if until == "exit":
        within = pace.exit(within)
        step |= {"may_end": True} if arguments.get("may_end") else {}
    elif until == "first_cycle":
        within = pace.cycles(1, within)
    elif until in ("link_down", "link_up"):
        scenario.active ^= {_BY_HAND}
        within = pace.by_hand(within)
    elif until in ("live", "noticed", "live_again"):
        within = pace.told(within)
    else:
        step, within = _of_cycles(scenario, arguments, within)
    pace.take(then, then)
    return {**step, "within": within, "then": then}


def _of_cycles(
    scenario: ScenarioSteps, arguments: Mapping[str, Any], within: float | None
) -> tuple[Step, float]:
    word, count = next(iter(arguments["until"].items()))
    step = {"until": word, "cycles": int(count)}
    if word == "met" and not scenario.active:
        raise Impossible(
            "waits for the bot to meet a fault", "none stands here", "apply one that stands before"
        )
    pace = scenario.pace
    if "at_most" in arguments:
        step["at_most"] = within = pace.cycles_or_time(step["cycles"], seconds(arguments["at_most"]))
    else:
        waited = {"met": pace.met, "more_cycles": pace.more_cycles, "samples": pace.samples}.get(
            word, pace.cycles
        )
        within = waited(step["cycles"], within)
    if arguments.get("may_block"):
        step["may_block"] = True
    if "not_hit_in" in arguments:
        step["not_hit_in"] = int(arguments["not_hit_in"])
    return step, within


def _until_noticed(scenario: ScenarioSteps, until: Any, then: float) -> list[Step]:
    """Where an outage stops the cycles: until the bot says so, or has finished some all the same.

    One that does neither has its deadline; whether it had to say so is for the judge.
    """
    pace = scenario.pace
    cycles = int(until["more_cycles"]) if isinstance(until, Mapping) else pace.limit or 1
    within = pace.told(None)
    pace.take(then, then)
    step = {"until": "noticed", "cycles": cycles, "within": within, "then": then}
    if until != "exit":
        return [{"verb": "wait", "args": step}]
    pace.signal(0.0)
    number = (scenario.bot["ended_by"] or {"signal": "TERM"})["signal"]
    return [
        {"verb": "wait", "args": step},
        {"verb": "signal", "args": {"signal": number, "aim": None, "within": 0.0}},
    ]


def _end(
    scenario: ScenarioSteps, cycles: int, within: float | None, then: float, *, may_end: bool
) -> list[Step]:
    """The end of a bot that does not count its cycles itself: it is asked to, once it has finished them.

    ``may_end``: unless it has ended by itself before.
    """
    ended_by, pace = scenario.bot["ended_by"], scenario.pace
    within = pace.cycles(cycles, within)
    pace.take(ended_by["after"], ended_by["after"])
    pace.signal(0.0)
    pace.take(then, then)
    waited = {"until": "cycles", "cycles": cycles}
    unless = {"may_end": True} if may_end else {}
    rest = [{"verb": "wait", "args": {"until": None, "within": 0.0, "then": then}}] if then else []
    return [
        {"verb": "wait", "args": {**waited, "within": within, "then": ended_by["after"], **unless}},
        {"verb": "signal", "args": {"signal": ended_by["signal"], "aim": None, "within": 0.0, **unless}},
        *rest,
    ]


def signal(scenario: ScenarioSteps, arguments: Any, _at: At) -> Step:
    """``signal``: at once, or aimed at a moment of the bot's."""
    if isinstance(arguments, str):
        scenario.pace.signal(0.0)
        return {"signal": arguments, "aim": None, "within": 0.0}
    within = seconds(arguments.get("within", AIM_WITHIN))
    scenario.pace.signal(within)
    return {"signal": arguments["send"], "aim": arguments["aim"], "within": within}
