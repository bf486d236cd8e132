"""A start of the bot: the settings that a scenario asks for, as far as this bot knows them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_controller.catalogue.bots import Bot
from fleet_controller.catalogue.durations import seconds
from fleet_controller.catalogue.located_yaml import At
from fleet_controller.messages.errors import did_you_mean, listed
from fleet_controller.planning.steps.scenario_steps import ScenarioSteps, Step
from fleet_stress.store.setting_units import in_its_unit, to_a_second

#: Settings that the catalogue speaks of; a bot without one is a reason to skip, not a mistake.
STANDARD_SETTINGS = ("max_cycles", "scan_interval", "cycle_timeout")
#: Of these, what a bot may do without: it has a pace of its own, only warns, or gives up earlier.
OPTIONAL_SETTINGS = ("scan_interval", "cycle_timeout")


def settings_lacking(steps: Sequence[Step], bot: Bot) -> list[str]:
    """Standard settings that some start asks for and the bot does not have."""
    lacking: dict[str, None] = {}
    for step in steps:
        if "start" in step:
            asked = [word for word in step["start"] if word in STANDARD_SETTINGS]
            known = [*bot.value["settings"], *OPTIONAL_SETTINGS]
            known += ["max_cycles"] if bot.value["ended_by"] else []
            lacking |= dict.fromkeys(word for word in asked if word not in known)
        elif "unless_logged" in step or "with_exchange" in step:
            [within] = step.values()
            lacking |= dict.fromkeys(settings_lacking(within, bot))
        elif "repeat" in step:
            lacking |= dict.fromkeys(settings_lacking(step["repeat"]["steps"], bot))
        elif "visit" in step:
            within = [*step["visit"]["under"], *step["visit"]["then"]]
            lacking |= dict.fromkeys(settings_lacking(within, bot))
    return list(lacking)


def start(scenario: ScenarioSteps, arguments: Mapping[str, Any], at: At) -> Step:
    """``start``: the bot, with settings that hold for this start."""
    limit: dict[str, float | int | str] = {}
    if scenario.bot["ended_by"] and "max_cycles" in arguments:
        asked = arguments["max_cycles"]
        limit["max_cycles"] = "" if asked == "unlimited" else math.ceil(seconds(asked))
    settings = {
        word: item
        for word, value in arguments.items()
        if word not in limit and not _is_done_without(scenario, word)
        for item in _setting(scenario, word, value, (*at, word))
    }
    scenario.pace.start({**settings, **limit})
    return {"settings": settings}


def _is_done_without(scenario: ScenarioSteps, word: str) -> bool:
    missing = word in OPTIONAL_SETTINGS and word not in scenario.bot["settings"]
    if missing and not (word == "scan_interval" and scenario.is_driven_by_its_feed):
        scenario.notes[f"{word} is left out: the bot does not know it"] = None
    return missing


def _setting(scenario: ScenarioSteps, word: str, value: Any, at: At) -> Iterator[float | int | str]:
    known = scenario.bot["settings"]
    if word not in known:
        words = dict.fromkeys([*known, *STANDARD_SETTINGS])
        why = f"the bot profile {scenario.bot['name']} has: {listed(known)}"
        do = did_you_mean(word, words, "add it to the profile")
        scenario.refuse(at, f"unknown setting `{word}`", why, do)
    elif value == "unlimited":
        return  # `int("")` fails: it is left out, or has the profile's own value for it
    else:
        asked, unit = seconds(value), to_a_second(known[word])
        able = max(asked, known[word].get("minimum", 0) / unit)
        if known[word]["type"] == "integer":
            able = math.ceil(in_its_unit(known[word], able)) / unit
        if able != asked:
            scenario.notes[f"{word} is {able:g} where {asked:g} was asked for: the bot takes no less"] = None
        yield int(able) if word == "max_cycles" else able
