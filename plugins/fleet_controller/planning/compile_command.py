"""A command, compiled: everything that holds for all hosts alike. The whole catalogue is checked with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.catalogue import schema
from fleet_controller.catalogue.bots import Bot, load_bot
from fleet_controller.catalogue.known_findings import load_known
from fleet_controller.catalogue.profiles import profile_chain
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.scenarios import (
    WATCHED_START,
    Scenario,
    lacking,
    load_catalogue,
    load_scenario,
    load_watched_start,
    unmet_needs,
    worked_out,
)
from fleet_controller.catalogue.selectors import BASELINE, choose, words
from fleet_controller.catalogue.vocabulary import Vocabulary
from fleet_controller.messages.errors import Problem, Problems, UserError
from fleet_controller.planning.state_elsewhere import state_elsewhere
from fleet_controller.planning.steps.compile_steps import Compiler
from fleet_controller.planning.steps.starts import settings_lacking
from fleet_stress.store.contract import ARENA_WITHIN

#: Key of a scenario that only some hosts are to run: their names.
ONLY_ON = "only_on"
#: What an arena takes to be made and removed, for estimates. Seconds.
_ARENA = 0.5


class Asked(NamedTuple):
    """What the operator asked for; ``scenarios`` are selectors, none for all.

    ``allow_commands``: whether scenarios may run commands of their own on the hosts. ``point``: the only one that the
    step ``visit`` of a scenario goes to; empty: all. ``enforced``: scenarios count that are advice by themselves.
    ``explain_memory``: a Python bot tells which of its lines hold memory, where it is sampled.
    """

    bot: str
    profile: str
    scenarios: list[str]
    allow_commands: bool = False
    point: str = ""
    enforced: bool = False
    explain_memory: bool = False

    @classmethod
    def of(
        cls,
        bot: Any,
        profile: Any,
        scenarios: Any,
        allow_commands: bool = False,
        point: Any = "",
        enforced: bool = False,
        explain_memory: bool = False,
    ) -> Asked:
        """From whatever Ansible brought. Raises UserError."""
        names = _name(bot, "bot", "reference"), _name(profile, "profile", "smoke")
        visited = _name(point, "point", "")
        return cls(*names, words(scenarios), allow_commands, visited, enforced, explain_memory)


class Compiled(NamedTuple):
    """``bot`` is the whole profile, ``scenarios`` are as the plan has them, the baseline first.

    ``known``: its known findings (``catalogue/known_findings.py``), if any. Hosts are not told: they say what they saw.
    ``written``: each scenario as its file has it, for reports: by id ``about`` and ``yaml``, the file's text; None in
    runs of earlier versions.
    """

    asked: Asked
    bot: dict[str, Any]
    scenarios: list[dict[str, Any]]
    known: dict[str, Any] | None = None
    written: dict[str, dict[str, str]] | None = None

    @property
    def ids(self) -> list[str]:
        """Names of the scenarios."""
        return [scenario["id"] for scenario in self.scenarios]

    @property
    def digest(self) -> str:
        """Changes when what was asked for does, or what a file of the catalogue means."""
        return digest([self.asked, self.bot, self.scenarios, self.known])


def digest(value: Any) -> str:
    """SHA-256 over the canonical JSON of a value: keys sorted, no blanks, ASCII."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def compile_command(
    bot: Any,
    profile: Any,
    scenarios: Any = None,
    allow_commands: bool = False,
    point: Any = "",
    enforced: bool = False,
    explain_memory: bool = False,
    *,
    failed: Mapping[str, Collection[str]] | None = None,
    project: Project | None = None,
    vocabulary: Vocabulary | None = None,
) -> Compiled:
    """Everything that a command asks for, as the operator wrote it; and the whole catalogue is checked.

    ``failed``: what the selector ``failed`` means, ids of scenarios by host.
    Raises UserError with all that is wrong, and nothing else, whatever the values are.
    """
    asked = Asked.of(bot, profile, scenarios, allow_commands, point, enforced, explain_memory)
    project, vocabulary = project or Project(), vocabulary or Vocabulary.of_engine()
    chain, profiles = profile_chain(project, asked.profile)
    written = schema.of_scenario(vocabulary)
    catalogue = load_catalogue(project, written, profiles)
    if asked.scenarios == [WATCHED_START]:
        catalogue = {WATCHED_START: load_watched_start(project, written, profiles)}
    rows = {name: scenario.row for name, scenario in catalogue.items()}
    if WATCHED_START in catalogue:
        chosen: dict[str, list[str] | None] = {WATCHED_START: None}
    else:
        by_hand = {name for name, scenario in catalogue.items() if scenario.value.get("by_hand")}
        chosen = choose(asked.scenarios, rows, by_hand, failed)
    loaded = load_bot(project, asked.bot)
    context = _Context(
        project, chain, loaded, vocabulary, schema.worked_out(written), allow_commands, enforced
    )
    compiled, problems, known = [], Problems(), None
    texts: dict[str, dict[str, str]] = {}
    try:
        known = load_known(project, loaded.document.path, rows, vocabulary.checks)
    except UserError as error:
        problems.extend(error)
    for name, hosts in chosen.items():
        try:
            only = {} if hosts is None else {ONLY_ON: hosts}
            compiled.append({**_compile(catalogue[name], context), **only})
            document = catalogue[name].document
            text = document.path.read_text(encoding="utf-8")
            texts[name] = {"about": str(document.value.get("about", "")), "yaml": text}
        except UserError as error:
            problems.extend(error)
    problems.raise_any()
    return Compiled(asked, loaded.value, compiled, known, texts)


def compile_scenario(
    path: Path, bot: Any = None, profile: Any = None, *, project: Project | None = None
) -> dict[str, Any]:
    """One scenario's file, wherever it is, for a bot and a profile, as a plan has it. Raises UserError."""
    asked = Asked.of(bot, profile, None, allow_commands=True)
    project, vocabulary = project or Project(), Vocabulary.of_engine()
    chain, profiles = profile_chain(project, asked.profile)
    written = schema.of_scenario(vocabulary)
    scenario, loaded = load_scenario(project, path, written, profiles), load_bot(project, asked.bot)
    strict = schema.worked_out(written)
    return _compile(scenario, _Context(project, chain, loaded, vocabulary, strict, True, False))


class _Context(NamedTuple):
    """What all scenarios of a command are compiled with."""

    project: Project
    chain: list[str]
    bot: Bot
    vocabulary: Vocabulary
    strict: schema.Schema
    allow_commands: bool
    enforced: bool


def _compile(scenario: Scenario, context: _Context) -> dict[str, Any]:
    """One scenario as the plan has it. Raises UserError."""
    value, bot, problems = scenario.value, context.bot, Problems()
    is_baseline = scenario.id in (BASELINE, WATCHED_START)
    compiler = Compiler(
        scenario.document, bot, context.vocabulary, problems, allow_commands=context.allow_commands
    )
    unmet, steps = unmet_needs(scenario, bot), []
    if not unmet:
        written = worked_out(scenario, context.chain, bot, context.project, context.strict)
        unmet = [lacking(bot, "setting", word, "settings") for word in settings_lacking(written, bot)]
        unmet += state_elsewhere(written, bot)
        if not unmet:
            steps = compiler.steps(written)
            if not compiler.expect:
                where = scenario.document.where(("steps",), key=True)
                why = "a scenario that expects nothing proves nothing"
                problems.add("expects nothing", where, why, "add a step `expect`")
    if unmet and is_baseline:
        first = unmet[0]
        raise UserError(first.what, scenario.document.shown, "the baseline cannot be skipped", first.do)
    problems.raise_any()
    pace = compiler.pace
    return {
        "id": scenario.id,
        "row": scenario.row,
        "title": value["title"],
        "weight": int(value.get("weight", 1)),
        "exclusive": bool(value.get("exclusive", False)) or is_baseline,
        "network": value.get("network"),
        "baseline": is_baseline,
        "estimate": 0.0 if unmet else round(pace.estimate + _ARENA, 3),
        "within": round(max(5 * pace.estimate, pace.within) + ARENA_WITHIN, 3),
        "advisory": bool(value.get("advisory")) and not context.enforced,
        "skip": _skip(unmet),
        "notes": list(compiler.notes),
        "steps": steps,
        "expect": compiler.expect,
    }


def _skip(unmet: list[Problem]) -> dict[str, str] | None:
    if not unmet:
        return None
    return {
        "reason": "; ".join(problem.what for problem in unmet),
        "enable": "; ".join(problem.do for problem in unmet),
    }


def _name(value: Any, what: str, default: str) -> str:
    if value is None or value == "":
        return default
    if not isinstance(value, str):
        raise UserError(f"{value!r} is no name", what, f"`{what}` is text", f"write -e {what}={default}")
    return str(value)
