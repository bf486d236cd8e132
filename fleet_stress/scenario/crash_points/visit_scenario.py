"""A visit as a scenario of its own: an arena process runs it, and the judge reads it, like any other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults import UNDER_VISITS
from fleet_stress.store.contract import ARENA_WITHIN
from fleet_stress.store.layout import RunFolder

#: The folder of the visits, below that of the scenario: in the arena, in the evidence, and in ids.
POINTS = "points"
RECORDING = "recording"


def name_of(scenario: str, number: int | None) -> str:
    """The id of a visit, or of the recording (None): ``crash_points/points/007``."""
    return f"{scenario}/{POINTS}/{RECORDING if number is None else format(number, '03d')}"


def document(run: RunFolder, visit_id: str) -> Path:
    """The file of its description, which belongs to the evidence."""
    return run.evidence / f"{visit_id}.json"


def of_visit(
    scenario: Mapping[str, Any],
    arguments: Mapping[str, Any],
    visit_id: str,
    seed: Mapping[str, str],
    rules: list[Mapping[str, Any]] | None,
    folder: str,
) -> dict[str, Any]:
    """The scenario of one visit.

    Args:
        scenario: The scenario that has the step.
        arguments: Those of the step `visit`, from the plan.
        visit_id: From ``name_of``.
        seed: The folders that the arena's ``state`` and ``log`` begin with.
        rules: Those of the faulty file system; None for the recording, after which nothing is started again.
        folder: Which folder is covered: ``state``, ``log`` or ``both``.
    """
    under = {"verb": "under", "args": {"steps": arguments["under"]}}
    fault = {
        "verb": "fault",
        "args": {"fault": UNDER_VISITS.name, "args": {"folder": folder, "rules": rules or []}},
    }
    lift = {"verb": "lift", "args": {"fault": UNDER_VISITS.name}}
    return {
        **{name: scenario[name] for name in ("row", "title", "network")},
        "id": visit_id,
        "baseline": False,
        "exclusive": False,
        "skip": None,
        "notes": [],
        "seed": dict(seed),
        "within": arguments["each_within"] + ARENA_WITHIN,
        "steps": [fault, under, lift, *(arguments["then"] if rules is not None else ())],
        "expect": arguments["expect"] if rules is not None else [],
    }
