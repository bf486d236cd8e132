"""The zoo: small bots of many structures, each healthy, and broken by one word in its environment (``BROKEN``).

A mutant is a reference bot that somebody broke; what lives here shares nothing with the reference bot. A row that has
taken its habits for everybody's gives a wrong verdict on one of these. ``expectations.yml`` says what is right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.mutants.bench import Bench
from tests.mutants.mutant import names_of

FOLDER = Path(__file__).parent
BOTS = FOLDER / "bots"
#: No row blames a healthy bot.
GREEN = ("passed", "skipped")


class Bot(NamedTuple):
    """One structure, healthy (``broken`` is empty) or broken in one way."""

    structure: str
    broken: str
    #: Scenarios that must fail.
    failed: list[str]
    #: Scenarios that may fail too, as a mutant names them (`signal TERM`): another side of the same defect.
    may_also: list[str]
    #: What `make test` runs it through.
    test: list[str]

    @property
    def name(self) -> str:
        """As in tables and on the command line."""
        return f"{self.structure}:{self.broken}" if self.broken else self.structure

    def run(self, bench: Bench, scenarios: list[str] | str) -> dict[str, dict[str, Any]]:
        """The entries of ``result.json`` by scenario."""
        profile = yaml.load(
            (FOLDER / f"profiles/{self.structure}.yml").read_text(encoding="utf-8"), yaml.CSafeLoader
        )
        profile["environment"]["BROKEN"] = self.broken
        path = bench.stress_dir / f"{self.structure}.yml"
        path.write_text(json.dumps(profile), encoding="utf-8")
        name = f"zoo-{self.structure}-{self.broken or 'healthy'}"
        return bench.run_plan(bench.plan(name, BOTS, str(path), scenarios))

    def expected(self, scenario: dict[str, Any]) -> str:
        """What is right for this scenario (as the plan has it), in words."""
        if scenario["id"] in self.failed:
            return "failed"
        return "green" if names_of(scenario).isdisjoint(self.may_also) else "failed or green"

    def wrong(self, scenario: dict[str, Any], verdict: str, *, slow: bool = False) -> bool:
        """Whether this verdict is not what it should be. ``slow``: on such a host a row may prove nothing."""
        if verdict == "not_exercised" and slow:
            return False
        expected = self.expected(scenario)
        if expected == "failed":
            return verdict != "failed"
        if self.broken and verdict == "not_exercised":  # by what the baseline found, or by a bot that is gone
            return False
        return verdict not in GREEN and not (verdict == "failed" and expected == "failed or green")


def load_all(path: Path = FOLDER / "expectations.yml") -> list[Bot]:
    """All bots of the zoo, each structure's healthy one first."""
    document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return [bot for structure, value in document.items() for bot in _of(structure, value)]


def _of(structure: str, value: Mapping[str, Any]) -> list[Bot]:
    healthy = Bot(structure, "", [], [], value.get("test", []))
    broken = [
        Bot(structure, word, one["failed"], one.get("may_also", []), one.get("test", []))
        for word, one in value.get("broken", {}).items()
    ]
    return [healthy, *broken]
