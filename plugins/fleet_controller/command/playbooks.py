"""``ansible-playbook`` with what a command line asked for: in the project's folder, in its environment."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_controller.catalogue.project import ROOT
from fleet_controller.messages.errors import UserError


def argv(
    playbook: str,
    variables: Mapping[str, Any],
    *,
    inventories: Sequence[str] = (),
    limit: str = "",
    check: bool = False,
    verbatim: Sequence[str] = (),
) -> list[str]:
    """The command line; ``variables`` that are None or empty are left out, ``verbatim`` comes last."""
    words = [str(Path(sys.executable).with_name("ansible-playbook")), playbook]
    for inventory in inventories:
        words += ["-i", of_caller(inventory)]
    if limit:
        words += ["-l", limit]
    if check:
        words.append("--check")
    return [*words, *extras(variables), *verbatim]


def extras(variables: Mapping[str, Any]) -> list[str]:
    """``-e`` for each variable that is neither None nor empty. Of one that comes twice, Ansible takes the last."""
    return [
        word
        for name, value in variables.items()
        if value not in (None, "")
        for word in ("-e", json.dumps({name: value}))
    ]


def variables(items: Sequence[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` of an option that may come often. Raises UserError."""
    found = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name):
            why = "a variable has a name and a value"
            raise UserError(f"`{item}` sets nothing", option, why, f"write {option} NAME=VALUE")
        found[name] = value
    return found


def of_caller(path: str) -> str:
    """A path as it was typed, absolute where there is such a file: the playbooks run in the project's folder."""
    typed = Path(path).expanduser()
    return str(typed.absolute()) if path and typed.exists() else path


def environment() -> dict[str, str]:
    """Ansible refuses a locale that is not UTF-8, and macOS forks after Objective-C was used."""
    found = {**os.environ, "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"}
    if sys.platform == "darwin":
        found["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"
    found["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{found.get('PATH', os.defpath)}"
    return found


def become(words: Sequence[str]) -> None:
    """Be that command from here on: signals, the terminal and the exit code are its own. Does not return."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(words[0], list(words), environment())
