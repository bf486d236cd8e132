"""The catalogue of messages: what a person may be told, and the mistake that leads there.

Each file of ``entries/`` is an area. An entry:

    name       its name, once in all areas
    mistake    what somebody did, in a few words, or the command that they typed
    way        how a test gets there: one word of ``ways.py`` and what it takes
    told       the message, word by word; ``${tmp}`` is a folder of the test
    do         of a message in one sentence: the part of it that says what to do; a block says so in a line `do:`
    each       words that ``${each}`` stands for, one after the other: a message that many places say alike
    without    a part that a block lacks (where, why, do), and the reason

An area may say ``reasons``: its messages stand inside of others, and what to do is this for all of them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: What one can do wrong in a scenario has a form of its own, and tests of its own beside what it breaks.
SCENARIOS = ROOT / "tests/unit/controller/planning/mistakes.yml"


class Entry(NamedTuple):
    """One message."""

    name: str
    mistake: str
    told: str
    way: dict[str, Any]
    do: str
    without: dict[str, str]
    each: list[str]

    @property
    def all_told(self) -> list[str]:
        """The message; one for each word that it stands for."""
        return [self.told.replace("${each}", item) for item in self.each] or [self.told]


class Area(NamedTuple):
    """Messages that belong together."""

    title: str
    about: str
    entries: list[Entry]
    reasons: str = ""


@cache
def areas() -> list[Area]:
    """All of them, in the order of their files."""
    found = [_area(path) for path in sorted((HERE / "entries").glob("*.yml"))]
    return [*found, _scenarios()]


def entries() -> list[Entry]:
    """All messages."""
    return [entry for area in areas() for entry in area.entries]


def _area(path: Path) -> Area:
    document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    found = [_entry(entry) for entry in document["entries"]]
    return Area(document["area"], document["about"].strip(), found, document.get("reasons", ""))


def _entry(problem: dict[str, Any]) -> Entry:
    return Entry(
        problem["name"],
        problem["mistake"].strip(),
        problem.get("told", "").rstrip("\n"),
        problem["way"],
        problem.get("do", ""),
        problem.get("without", {}),
        problem.get("each", []),
    )


def _scenarios() -> Area:
    mistakes = yaml.load(SCENARIOS.read_text(encoding="utf-8"), yaml.CSafeLoader)
    about = "Every scenario of the catalogue is checked before a host is touched, whichever were chosen."
    found = [
        Entry(mistake["mistake"], _changed(mistake), mistake["told"].rstrip("\n"), {}, "", {}, [])
        for mistake in mistakes
    ]
    return Area("What stands in a scenario", about, found)


def _changed(item: dict[str, Any]) -> str:
    new = " ⏎ ".join(line.strip() for line in str(item["new"]).strip().splitlines())
    return f"{item['mistake']}: `{new}`" if new else str(item["mistake"])
