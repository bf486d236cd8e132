"""A mutant: the reference bot broken in one known way, as a small overlay in a YAML file of its name.

What such a file says is described in ``schemas/mutant.schema.json``. Whatever is neither in its ``caught_by`` nor
in its ``may_also`` must pass, or be excused by what the baseline found.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.catalogue.located_yaml import read
from fleet_controller.catalogue.schema import stored
from fleet_controller.catalogue.schema_errors import complaints
from fleet_controller.messages.errors import UserError

from fleet_stress.faults import applied
from fleet_stress.store.plan_steps import all_steps

ROOT = Path(__file__).parents[2]
REFERENCE_BOT = ROOT / "reference_bot"
FOLDER = Path(__file__).parent

_VERDICTS = {
    "failed": ("failed",),
    "not_exercised": ("not_exercised",),
    "not_passed": ("failed", "not_exercised"),
}


class Wrong(Exception):
    """A mutant's file is not what it should be; the message says what is wrong."""


class Mutant(NamedTuple):
    """One mutant, as its file has it."""

    name: str
    breaks: str
    edits: list[dict[str, str]]
    caught_by: dict[str, str]
    may_also: list[str]
    waits_for: list[str]
    bot: dict[str, Any]
    within: float | None
    alone: bool
    #: Of ``bots/``: what the reference bot is run with.
    profile: str = "reference"
    #: The only point that `make test` visits.
    point: str | None = None

    def expects(self, scenario: str, verdict: str) -> bool:
        """Whether this is a verdict that the mutant is caught by."""
        return verdict in _VERDICTS[self.caught_by[scenario]]

    def may_fail(self, scenario: dict[str, Any]) -> bool:
        """Whether a scenario (as the plan has it) need not pass, though it is not what catches it."""
        return not names_of(scenario).isdisjoint(self.may_also)

    def may_fail_baseline(self, baseline: dict[str, Any]) -> bool:
        """Whether the baseline (as the plan has it) may find something, and so excuse a row.

        Of a mutant whose file says otherwise, `make test` leaves the baseline out. `make test-long` runs it for
        each mutant, and there one that does not pass, and should, is a false alarm.
        """
        return baseline["id"] in self.caught_by or self.may_fail(baseline)

    def apply(self, bot: Path) -> None:
        """Break the copy of the reference bot in this folder. Raises Wrong where an edit does not fit."""
        for edit in self.edits:
            path = bot / edit["file"]
            if "content" in edit:
                path.write_text(edit["content"], encoding="utf-8")
                continue
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            times = text.count(edit["old"])
            if times != 1:
                raise Wrong(
                    f"{self.name}: {edit['file']} holds this {times} times, not once: {edit['old']!r}"
                )
            path.write_text(text.replace(edit["old"], edit["new"]), encoding="utf-8")


def names_of(scenario: dict[str, Any]) -> set[str]:
    """What a ``may_also`` may call a scenario (as the plan has it): also by what it does, and looks at."""
    looks = {f"check {finding['check']}" for finding in scenario["expect"]}
    return {"all", scenario["id"], *_words(scenario["steps"])} | looks


def _words(steps: list[dict[str, Any]]) -> Iterator[str]:
    for step in all_steps(steps):
        if step["verb"] == "signal":
            yield f"signal {step['args']['signal']}"
    for fault, _ in applied(steps):
        yield f"fault {fault.name}"


def load(path: Path) -> Mutant:
    """Read one mutant. Raises Wrong."""
    try:
        document = read(path, path.name)
        found = list(complaints(document, document.value, stored("mutant")))
        if found:
            raise UserError.of(found)
    except UserError as problem:
        raise Wrong(str(problem)) from problem
    value = document.value
    return Mutant(
        name=path.stem,
        breaks=value["breaks"],
        edits=value["edits"],
        caught_by=value["caught_by"],
        may_also=value.get("may_also", []),
        waits_for=value.get("waits_for", []),
        bot=value.get("bot", {}),
        within=value.get("within"),
        alone=value.get("alone", False),
        profile=value.get("profile", "reference"),
        point=value.get("point"),
    )


def load_all(folder: Path = FOLDER) -> list[Mutant]:
    """All mutants, by name."""
    return [load(path) for path in sorted(folder.glob("*.yml"))]


def unknown_scenarios(mutant: Mutant, catalogue: set[str]) -> list[str]:
    """What is wrong with the scenarios that a mutant names: unknown ones, and marks that are out of date."""
    named = {*mutant.caught_by, *(item for item in mutant.may_also if item != "all" and " " not in item)}
    wrong = [f"no scenario `{item}`" for item in sorted(named - catalogue - set(mutant.waits_for))]
    wrong += [
        f"`{item}` is there: take it out of waits_for" for item in mutant.waits_for if item in catalogue
    ]
    wrong += [f"waits for `{item}`, and does not name it" for item in mutant.waits_for if item not in named]
    return wrong
