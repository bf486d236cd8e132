"""The table of rows in docs/rows.md, from the files of the scenarios."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from fleet_controller.catalogue.project import ROOT

PATH = ROOT / "docs/rows.md"
_BEGIN = "<!-- Written by `make docs` from scenarios/. A test compares. -->\n"
_END = "<!-- End of what is written. -->\n"
_HEAD = "\n| row | scenario | what a bot does that passes |\n|---|---|---|\n"


def text() -> str:
    """The page with the table as it has to be."""
    before, _, rest = PATH.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    files = sorted((ROOT / "scenarios").glob("*.yml"))
    scenarios = [yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) for file in files]
    table = "".join([_HEAD, *map(_line, sorted(scenarios, key=_order)), "\n"])
    return before + _BEGIN + table + _END + after


def _line(scenario: Mapping[str, Any]) -> str:
    notes = {"advisory": "; advice, unless enforced", "by_hand": "; only when it is named"}
    note = "".join(words for key, words in notes.items() if scenario.get(key))
    return f"| {scenario['row']} | `{scenario['id']}` | {scenario['title']}{note} |\n"


def _order(scenario: Mapping[str, Any]) -> tuple[tuple[int, ...], str]:
    """By the numbers of a row, then by its letter."""
    row = str(scenario["row"])
    return tuple(map(int, re.findall(r"\d+", row))), row.lstrip("0123456789.")
