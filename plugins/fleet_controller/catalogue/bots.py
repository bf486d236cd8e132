"""Bot profiles: what a scenario may assume of one bot, checked, with all defaults filled in."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.catalogue import bot_cycles, bot_formats, bot_logs, bot_settings, invariants, schema
from fleet_controller.catalogue.companion_programs import read_programs
from fleet_controller.catalogue.durations import seconds
from fleet_controller.catalogue.located_yaml import At, Document, read
from fleet_controller.catalogue.profiles import named_after_file
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.schema_errors import complaints
from fleet_controller.catalogue.templates import render
from fleet_controller.messages.errors import Problem, Problems, UserError, did_you_mean, listed
from fleet_controller.messages.same_name import alike
from fleet_stress.store.contract import OUTPUTS

#: What ``${…}`` may name, beside ``${COMPANION.ready}``.
PLACES = ("python", "bot_dir", "state_dir", "log_dir", "home_dir", "tmp_dir", "listen", "outside")

#: What ends a bot that cannot be told how many cycles to run, and the exit codes that are then its regular ones.
_ENDED_BY = {"TERM": "terminated", "INT": "interrupted"}

#: Keys with texts that the arena fills in.
_WITH_PLACES = (
    *("argv", "working_folder", "environment", "companions", "exchange", "state", "logs"),
    *("daemon", "stopped_by"),
)
_LISTS = ("companions", "writes", "hosts", "modules")
_REQUIREMENTS = ("files", "packages", "constraints", "leave_out")


class Bot(NamedTuple):
    """A bot profile; ``value`` has every key but the free texts, durations are seconds."""

    document: Document
    value: dict[str, Any]
    asked: str


def load_bot(project: Project, asked: str) -> Bot:
    """The profile of that name in ``bots/``, or of a YAML file elsewhere.

    Raises UserError: it is unknown, or not what a profile should be.
    """
    path = _path(project, asked)
    document = read(path, project.shown(path))
    problems = Problems()
    names = {"project_dir": str(project.root)}
    value = render(document, document.value, (), names, problems)
    problems.raise_any()
    strict = schema.stored("bot")
    problems.found.extend(complaints(document, value, strict))
    named_after_file(document, "name", path.stem, problems)
    problems.raise_any()
    filled = _filled(value, strict["properties"])
    problems.found.extend(_contradictions(document, filled))
    problems.found.extend(read_programs(document, filled["companions"], path.parent))
    problems.raise_any()
    return Bot(document, filled, asked)


def _path(project: Project, asked: str) -> Path:
    known = project.files("bots")
    if asked in known:
        return known[asked]
    there = f"there is: {listed(known)}, or a path to a YAML file"
    if "/" not in asked and not asked.endswith((".yml", ".yaml")):
        raise UserError(f"unknown bot `{asked}`", "bot", there, did_you_mean(asked, known))
    path = project.of_caller(asked)
    if not path.is_file():
        raise UserError(f"there is no bot profile {path}", "bot", there, "correct the path")
    return path


def _filled(value: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """With the defaults that the schema names, and durations in seconds."""
    files = {
        section: {
            role: {
                **{"format": "json", "required": True, "rewritten": "never", "never_back": []},
                **bot_logs.filled(entry),
            }
            for role, entry in value.get(section, {}).items()
        }
        for section in ("state", "logs")
    }
    codes = {name: spec["default"] for name, spec in properties["exit_codes"]["properties"].items()}
    codes |= value.get("exit_codes", {})
    ended_by = value.get("ended_by")
    if ended_by and "finished" not in value.get("exit_codes", {}):
        codes["finished"] = codes[_ENDED_BY[ended_by["signal"]]]
    own_data = value.get("data_source") != "none"
    defaults = {name: spec["default"] for name, spec in properties.items() if "default" in spec}
    bot: dict[str, Any] = {
        **{name: [] for name in _LISTS},
        "source": "",
        "messages": {},
        "network": None,
        "timestamp": None,
        "web": None,
        "exchange": None,
        "second_instance": None,
        "daemon": None,
        "stopped_by": None,
        "overlay": {},
        "invariants": {},
        **defaults,
        **value,
        **files,
        "requirements": {**{name: [] for name in _REQUIREMENTS}, **value.get("requirements", {})},
        "environment": _texts(value.get("environment", {})),
        "settings": {
            word: {"type": "number", **setting} for word, setting in value.get("settings", {}).items()
        },
        "exit_codes": codes,
        "room": {"state": "0B", "log": "0B", **value.get("room", {})},
        "data_source": value.get("data_source") if own_data else None,
        "own_data": own_data,
        "ended_by": ended_by and {**ended_by, "after": seconds(ended_by.get("after", 0))},
    }
    bot["companions"] = [
        {**companion, "environment": _texts(companion.get("environment", {}))}
        for companion in bot["companions"]
    ]
    ready = {f"{companion['name']}.ready" for companion in bot["companions"]}
    bot["configuration"] = {
        path: text
        for path, text in bot["overlay"].items()
        if not {*PLACES, *ready, *bot["settings"]}.isdisjoint(bot_settings.PLACEHOLDER.findall(text))
    }
    if bot["exchange"]:
        bot["exchange"] = {**bot["exchange"], "https": _texts(bot["exchange"].get("https", {}))}
    if bot["second_instance"] is not None:
        forced_by = _texts(bot["second_instance"].get("forced_by", {}))
        bot["second_instance"] = {**bot["second_instance"], "forced_by": forced_by}
    bot |= bot_cycles.filled(value)
    bot.setdefault("notices_within", bot["first_cycle_within"])
    for name in ("stop_within", "first_cycle_within", "notices_within"):
        bot[name] = seconds(bot[name])
    return bot


def _texts(environment: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in environment.items()
    }


def _one_name(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """Files of the bot that are one file where upper and lower case are not told apart."""
    where = {
        f"{section}/{entry[key]}": (section, role, key)
        for section in ("state", "logs")
        for role, entry in bot[section].items()
        for key in ("path", "backup")
        if key in entry
    }
    for text, other in alike(where):
        why = f"on macOS it is the same file as `{text.partition('/')[2]}`"
        yield Problem(
            f"`{other.partition('/')[2]}` differs in upper and lower case only",
            document.where(where[other]),
            why,
            "such a bot cannot run there: name one of them otherwise",
        )


def _patterns_for_paths(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """Paths that look like patterns: each role means one file, whose name nobody matches."""
    for section in ("state", "logs"):
        for role, entry in bot[section].items():
            for key in ("path", "backup"):
                if "per_start" not in entry and glob.has_magic(
                    bot_settings.PLACEHOLDER.sub("", entry.get(key, ""))
                ):
                    yield Problem(
                        f"`{entry[key]}` is a pattern",
                        document.where((section, role, key)),
                        "a role means one file, whose name is taken as it stands",
                        "name the file that the bot writes, or leave it out if its name changes",
                    )


def _contradictions(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """What no schema can see: names that lead nowhere, or to two things."""
    roles = [*bot["state"], *bot["logs"]]
    for section in ("cycle", "data_source", "timestamp"):
        counted = (bot[section] or {}).get("file")
        known = [*roles, *(OUTPUTS if "line" in (bot[section] or {}) else ())]
        if counted is not None and counted not in known:
            do = did_you_mean(counted, known, "use one of these")
            where = document.where((section, "file"))
            yield Problem(f"unknown role `{counted}`", where, f"there is: {listed(known)}", do)
    patterns: dict[At, str] = {("messages", name): pattern for name, pattern in bot["messages"].items()}
    if "line" in bot["cycle"]:
        patterns["cycle", "line"] = bot["cycle"]["line"]
    if "says" in (bot["second_instance"] or {}):
        patterns["second_instance", "says"] = bot["second_instance"]["says"]
    for at, pattern in patterns.items():
        try:
            re.compile(pattern)
        except re.error as problem:
            where = document.where(at)
            yield Problem(f"`{pattern}` is no regular expression", where, str(problem), "correct it")
    yield from bot_formats.contradictions(document, bot)
    yield from invariants.problems(document, bot)
    yield from _needing_exchange(document, bot)
    if bot["ended_by"] and "max_cycles" in bot["settings"]:
        where = document.where(("ended_by",), key=True)
        why = "a bot that has the setting max_cycles ends by itself"
        yield Problem("`ended_by` ends nothing", where, why, "take one of the two out")
    yield from _one_name(document, bot)
    yield from _patterns_for_paths(document, bot)
    for role in (log for log in bot["logs"] if log in bot["state"]):
        where = document.where(("logs", role), key=True)
        yield Problem(
            f"the role `{role}` is in `state` as well", where, "a role means one file", "rename one"
        )
    companions = [companion["name"] for companion in bot["companions"]]
    for number, name in enumerate(companions):
        if name in companions[:number]:
            where = document.where(("companions", number, "name"))
            yield Problem(f"a second companion `{name}`", where, "its name means one program", "rename one")
    asked = (bot["exchange"] or {}).get("companion")
    if asked is not None and asked not in companions:
        where = document.where(("exchange", "companion"))
        do = did_you_mean(asked, companions, "use one of these")
        yield Problem(f"unknown companion `{asked}`", where, f"there is: {listed(companions)}", do)
    yield from _placeholders(document, bot, companions)
    yield from bot_settings.contradictions(document, bot)
    yield from bot_cycles.contradictions(document, bot)
    yield from bot_logs.contradictions(document, bot)


def _needing_exchange(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """Numbers are watched only where they may never go back."""
    for role, entry in bot["state"].items():
        for number, name in enumerate(entry.get("needs_exchange", ())):
            if name not in entry["never_back"]:
                where = document.where(("state", role, "needs_exchange", number))
                why = f"never_back of `{role}` names: {listed(entry['never_back'])}"
                do = did_you_mean(name, entry["never_back"], "name it there as well")
                yield Problem(f"unknown number `{name}`", where, why, do)


def _placeholders(document: Document, bot: Mapping[str, Any], companions: list[str]) -> Iterator[Problem]:
    ready = [f"{name}.ready" for name in companions]
    for at, text in _texts_in({key: bot[key] for key in _WITH_PLACES}, ()):
        known = [*PLACES, *(() if at[0] == "companions" else ready)]
        known += ["authority"] if at[:2] == ("exchange", "https") else []
        known += ["program"] if at[0] == "companions" and "program" in bot["companions"][at[1]] else []
        known += ["file"] if at[2:3] == ("numbers",) else []
        known += bot["settings"] if at[0] in bot_settings.TAKE_SETTINGS else []
        for name in bot_settings.PLACEHOLDER.findall(text):
            if name not in known:
                do = did_you_mean(name, known, "use one of these")
                where = document.where(at)
                yield Problem(f"unknown placeholder `${{{name}}}`", where, f"there is: {listed(known)}", do)


def _texts_in(value: Any, at: At) -> Iterator[tuple[At, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts_in(item, (*at, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts_in(item, (*at, number))
