"""Checks bot profiles and scenarios by what a run checks them by, before any host is touched."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fleet_controller.catalogue.located_yaml import read
from fleet_controller.catalogue.project import KNOWN_SUFFIX, Project
from fleet_controller.messages.errors import UserError
from fleet_controller.planning.compile_command import compile_command, compile_scenario


def validate(files: Sequence[str], bot: str = "", profile: str = "") -> int:
    """Print one line for each file that is valid, and every problem of one that is not; 1 if there was one."""
    project, wrong = Project(), False
    for name in files:
        try:
            print(f"{name}: {_verdict(project, name, bot, profile)}")
        except UserError as error:
            wrong = True
            print(f"{name}: invalid\n{error}", file=sys.stderr)
    return int(wrong)


def _verdict(project: Project, name: str, bot: str, profile: str) -> str:
    """What it is, and that it is valid. Raises UserError."""
    path = project.of_caller(name)
    if not path.is_file():
        return _of_bot(project, name, profile)  # a name in bots/, or nothing: which is said there
    if path.name.endswith(KNOWN_SUFFIX):  # checked with the profile that it stands beside
        return f"known findings of {_of_bot(project, str(path).removesuffix(KNOWN_SUFFIX) + '.yml', profile)}"
    value = read(path, project.shown(path)).value
    if isinstance(value, dict) and {"steps", "row"} & set(value):
        return _of_scenario(project, path, bot, profile)
    return _of_bot(project, str(path), profile)


def _of_bot(project: Project, asked: str, profile: str) -> str:
    """With all scenarios, so that what only a row would meet is met here."""
    scenarios = compile_command(asked, profile, None, project=project).scenarios
    skipped = sum(scenario["skip"] is not None for scenario in scenarios)
    return f"a valid bot profile; {len(scenarios) - skipped} rows would run, {skipped} need more in it"


def _of_scenario(project: Project, path: Path, bot: str, profile: str) -> str:
    compiled: dict[str, Any] = compile_scenario(path, bot, profile, project=project)
    skip = compiled["skip"]
    return "a valid scenario" + (f"; the bot would skip it: {skip['reason']}" if skip else "")
