"""The catalogue: every scenario as it is written, checked; and its steps for one profile and one bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.catalogue.bots import Bot
from fleet_controller.catalogue.located_yaml import At, Document, read
from fleet_controller.catalogue.profiles import named_after_file
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.schema import Schema
from fleet_controller.catalogue.schema_errors import complaints
from fleet_controller.catalogue.selectors import BASELINE
from fleet_controller.catalogue.templates import render
from fleet_controller.messages.errors import Problem, Problems, UserError, did_you_mean, listed

_STATE_WITH = {
    "document": "of the format `json`, or `sqlite` with a `backup`, that is rewritten in every cycle or at the exit",
    "backup": "with a `backup` that is rewritten in every cycle or at the exit",
}


#: Watches a bot of which nothing is known, in the place of the baseline; not part of the catalogue.
WATCHED_START = "watched_start"


class Scenario(NamedTuple):
    """One scenario as it is written."""

    document: Document

    @property
    def value(self) -> Mapping[str, Any]:
        """What the file says."""
        value: Mapping[str, Any] = self.document.value
        return value

    @property
    def id(self) -> str:
        """Its name, and its file's."""
        return str(self.value["id"])

    @property
    def row(self) -> str:
        """Its row in the plan."""
        return str(self.value["row"])


def load_catalogue(project: Project, written: Schema, profiles: Sequence[str]) -> dict[str, Scenario]:
    """All scenarios by id. A broken one is refused even if nobody chose it.

    ``written`` is the schema of a scenario, ``profiles`` are the names of all profiles. Raises UserError with
    all that is wrong.
    """
    catalogue, problems = {}, Problems()
    for name, path in project.files("scenarios").items():
        try:
            catalogue[name] = load_scenario(project, path, written, profiles)
        except UserError as error:
            problems.extend(error)
    problems.raise_any()
    if BASELINE not in catalogue:
        why = "every run begins with it: what it finds is not blamed on the other scenarios"
        raise UserError(
            "there is no baseline",
            f"{project.shown(project.root / 'scenarios')}/{BASELINE}.yml",
            why,
            f"put it back: git checkout scenarios/{BASELINE}.yml",
        )
    return catalogue


def load_scenario(project: Project, path: Path, written: Schema, profiles: Sequence[str]) -> Scenario:
    """One scenario's file, wherever it is. Arguments as of ``load_catalogue``. Raises UserError."""
    document, problems = read(path, project.shown(path)), Problems()
    problems.found.extend(complaints(document, document.value, written))
    named_after_file(document, "id", path.stem, problems)
    problems.raise_any()
    _check_profiles(document, profiles, problems)
    problems.raise_any()
    return Scenario(document)


def load_watched_start(project: Project, written: Schema, profiles: Sequence[str]) -> Scenario:
    """The scenario ``WATCHED_START``."""
    return load_scenario(project, Path(__file__).with_name(f"{WATCHED_START}.yml"), written, profiles)


def worked_out(
    scenario: Scenario, chain: Sequence[str], bot: Bot, project: Project, strict: Schema
) -> list[dict[str, Any]]:
    """The steps of a scenario with all templates worked out, and checked by the schema ``strict``.

    ``chain``: the profile and all that it inherits from. Raises UserError.
    """
    document, problems = scenario.document, Problems()
    names: dict[str, Any] = {"bot": bot.value, "project_dir": str(project.root)}
    names |= _parameters(scenario, chain, names, problems)
    problems.raise_any()
    value = {
        **scenario.value,
        "steps": _rendered(document, scenario.value["steps"], ("steps",), names, problems),
    }
    problems.raise_any()
    problems.found.extend(complaints(document, value, strict))
    problems.raise_any()
    steps: list[dict[str, Any]] = value["steps"]
    return steps


def _rendered(
    document: Document, steps: Sequence[Any], at: At, names: Mapping[str, Any], problems: Problems
) -> list[Any]:
    """The steps with all templates worked out. One that is done for each file becomes a list of steps in its place."""
    done = []
    for number, step in enumerate(steps):
        if not isinstance(step, Mapping) or "for_each" not in step:
            done.append(render(document, step, (*at, number), names, problems))
            continue
        inner, where = step["for_each"], (*at, number, "for_each", "steps")
        each = [
            render(document, item, (*where, place), {**names, "file": role}, problems)
            for role in documents(names["bot"], with_backup=inner["file"] == "backup")
            for place, item in enumerate(inner["steps"])
        ]
        done.append({"repeat": {"times": 1, "steps": each}})
    return done


def documents(bot: Mapping[str, Any], *, with_backup: bool = False) -> list[str]:
    """Roles of the state files that are whole or worthless, and that the bot rewrites, whatever is in them."""
    return [
        role
        for role, entry in bot["state"].items()
        # Who can begin anew only by throwing a database away had better not; one with a backup says that it comes back.
        if (entry["format"] == "json" or (entry["format"] == "sqlite" and "backup" in entry))
        and entry["rewritten"] in ("cycle", "exit")
        and ("backup" in entry or not with_backup)
    ]


def _parameters(
    scenario: Scenario, chain: Sequence[str], names: Mapping[str, Any], problems: Problems
) -> Mapping[str, Any]:
    document, sets = scenario.document, scenario.value.get("parameters")
    if sets is None:
        return {}
    found = next((name for name in chain if name in sets), None)
    if found is None:
        tried = f"`{chain[0]}` inherits from {listed(chain[1:])}; there are parameters for {listed(sets)}"
        what = f"`{scenario.id}` has no parameters for the profile `{chain[0]}`"
        do = f"add `{chain[0]}:` here, or leave it out: -e scenarios=all,-{scenario.id}"
        problems.add(what, document.where(("parameters",), key=True), tried, do)
        return {}
    values: Mapping[str, Any] = render(document, sets[found], ("parameters", found), names, problems)
    return values


def _check_profiles(document: Document, profiles: Sequence[str], problems: Problems) -> None:
    for name in document.value.get("parameters", {}):
        if name not in profiles:
            where = document.where(("parameters", name), key=True)
            do = did_you_mean(name, profiles, "make it a file in profiles/")
            problems.add(f"unknown profile `{name}`", where, f"there is: {listed(profiles)}", do)


def unmet_needs(scenario: Scenario, bot: Bot) -> list[Problem]:
    """What the scenario needs and the bot profile does not name; reason and what to do about it."""
    needs, value = scenario.value.get("needs", {}), bot.value
    files = {**value["state"], **value["logs"]}
    there = {
        "state": set(value["state"]),
        "backup": {role for role, entry in files.items() if "backup" in entry},
        "logs": set(value["logs"]),
        "log_keys": {key for entry in value["logs"].values() for key in entry},
        "settings": set(value["settings"]),
        "sections": {name for name, item in value.items() if item},
        "pages": set((value["web"] or {}).get("pages", ())),
        "messages": set(value["messages"]),
        "formats": {entry["format"] for entry in value["state"].values()},
    }
    called = {
        **{"state": "state file", "backup": "backup of the file", "logs": "log", "settings": "setting"},
        **{"sections": "section", "pages": "web page", "messages": "message"},
        **{"formats": "state file of the format", "log_keys": "log with"},
    }
    sections = {"log_keys": "logs", "formats": "state", "backup": "state", "pages": "web"}
    lacks = [
        Problem(
            f"the bot profile {value['name']} names no state file {_STATE_WITH[word]}",
            do=f"name it under `state` in {bot.document.shown}, if the bot has one",
        )
        for word in needs.get("state_with", ())
        if not documents(value, with_backup=word == "backup")
    ]
    return lacks + [
        lacking(bot, called[kind], word, None if kind == "sections" else sections.get(kind, kind))
        for kind, words in needs.items()
        if kind in there
        for word in words
        if word not in there[kind]
    ]


def lacking(bot: Bot, called: str, word: str, section: str | None) -> Problem:
    """A bot profile does not name what a scenario needs; a ``section`` of None: ``word`` is one itself."""
    what = f"the bot profile {bot.value['name']} names no {called} `{word}`"
    do = f"name it under `{section}` in" if section else f"write a section `{word}:` in"
    otherwise = (
        "; if it has none, say with `ended_by` how it is ended"
        if (called, word) == ("setting", "max_cycles")
        else ""
    )
    return Problem(what, do=f"{do} {bot.document.shown}, if the bot has one{otherwise}")
