"""Puts our folders first on a bot's PYTHONPATH, and removes them again in any order."""

from __future__ import annotations

import os
from pathlib import Path

_NAME = "PYTHONPATH"


def put_first(environment: dict[str, str], folder: Path) -> None:
    """Put ``folder`` first; repeatable."""
    environment[_NAME] = os.pathsep.join([str(folder), *_others(environment, folder)])


def take_out(environment: dict[str, str], folder: Path) -> None:
    """Remove ``folder``; repeatable."""
    others = _others(environment, folder)
    if others:
        environment[_NAME] = os.pathsep.join(others)
    else:
        environment.pop(_NAME, None)


def has(environment: dict[str, str], folder: Path) -> bool:
    """Whether ``folder`` is on it."""
    return str(folder) in environment.get(_NAME, "").split(os.pathsep)


def _others(environment: dict[str, str], folder: Path) -> list[str]:
    return [entry for entry in environment.get(_NAME, "").split(os.pathsep) if entry not in ("", str(folder))]
