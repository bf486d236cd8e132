"""Folders of ours on a bot's PYTHONPATH: put first, and taken out again in whatever order."""

from __future__ import annotations

import os
from pathlib import Path

_NAME = "PYTHONPATH"


def put_first(environment: dict[str, str], folder: Path) -> None:
    """Python looks there before anywhere else; repeatable."""
    environment[_NAME] = os.pathsep.join([str(folder), *_others(environment, folder)])


def take_out(environment: dict[str, str], folder: Path) -> None:
    """It does not look there any more; repeatable."""
    others = _others(environment, folder)
    if others:
        environment[_NAME] = os.pathsep.join(others)
    else:
        environment.pop(_NAME, None)


def has(environment: dict[str, str], folder: Path) -> bool:
    """Whether it looks there."""
    return str(folder) in environment.get(_NAME, "").split(os.pathsep)


def _others(environment: dict[str, str], folder: Path) -> list[str]:
    return [one for one in environment.get(_NAME, "").split(os.pathsep) if one not in ("", str(folder))]
