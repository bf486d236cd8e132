"""What is looked at while the bot runs: samples, files, pages, and commands of the scenario's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_controller.catalogue.durations import seconds
from fleet_controller.catalogue.located_yaml import At
from fleet_controller.messages.errors import did_you_mean, listed
from fleet_controller.planning.deadlines import Impossible
from fleet_controller.planning.steps.scenario_steps import ScenarioSteps, Step

#: A command of a scenario has so long unless it says otherwise, in seconds.
COMMAND_WITHIN = 60.0
#: Stands for every page of the bot's web application, of which a bot without one has none.
ALL_PAGES = "all"


def sample(_scenario: ScenarioSteps, arguments: Mapping[str, Any], _at: At) -> Step:
    """``sample``: what the bot uses, at a pace."""
    every = seconds(arguments["every"])
    if every <= 0:
        raise Impossible("samples without a pause", "a sample costs the bot's host time", "say every: 1s")
    return {"every": every, **({"resumes": True} if arguments.get("resumes") else {})}


def look(_scenario: ScenarioSteps, what: str, _at: At) -> Step:
    """``look``: at the bot's files."""
    return {"what": what}


def probe(scenario: ScenarioSteps, page: str, at: At) -> Step | list[Step]:
    """``probe``: ask a page of the bot's, or all."""
    pages = (scenario.bot["web"] or {}).get("pages", {})
    if page == ALL_PAGES:
        return [{"verb": "probe", "args": _one_page(scenario, path, name)} for name, path in pages.items()]
    if page not in pages:
        why = f"the bot profile {scenario.bot['name']} names: {listed(pages)}"
        do = did_you_mean(page, pages, f"say `needs: {{pages: [{page}]}}` to skip bots without it")
        scenario.refuse(at, f"unknown page `{page}`", why, do)
        return {}
    return _one_page(scenario, pages[page], page)


def _one_page(scenario: ScenarioSteps, path: str, page: str) -> Step:
    return {"page": page, "path": path, "within": scenario.pace.probe()}


def command(scenario: ScenarioSteps, arguments: Mapping[str, Any], at: At) -> Step:
    """``command``: one of the scenario's, where the operator allows it."""
    if not scenario.allow_commands:
        why = "scenarios run no commands on hosts unless you allow it"
        do = "-e allow_commands=true if you trust its author, or leave the scenario out"
        scenario.refuse(at, "runs a command", why, do)
    within = seconds(arguments.get("within", COMMAND_WITHIN))
    if within <= 0:
        raise Impossible("a command that has no time", "it is ended at its deadline", "say within: 30s")
    scenario.pace.command(within)
    argv = [str(word) for word in arguments["argv"]]
    return {"argv": argv, "within": within, "exit_code": int(arguments.get("exit_code", 0))}
