"""A visit as a scenario of its own: an arena process runs it, and the judge reads it, like any other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults import UNDER_VISITS
from fleet_stress.store.contract import ARENA_WITHIN
from fleet_stress.store.layout import RunFolder

#: The folder of the visits, below that of the scenario: in the evidence, and in ids.
POINTS = "points"
#: Two starts of the bot: what is new with each of them is not what a visit will meet.
RECORDINGS = ("recording", "recording-2")


def name_of(scenario: str, visit: int | str) -> str:
    """The id of a visit, by the number of its point, or of a recording: ``crash_points/points/007``."""
    return f"{scenario}/{POINTS}/{format(visit, '03d') if isinstance(visit, int) else visit}"


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
        rules: Those of the faulty file system; None for a recording, after which nothing is started again.
        folder: Which folder is covered: ``state``, ``log`` or ``both``.
    """
    under = {"verb": "under", "args": {"steps": arguments["under"]}}
    fault = {
        "verb": "fault",
        "args": {"fault": UNDER_VISITS, "args": {"folder": folder, "rules": rules or []}},
    }
    lift = {"verb": "lift", "args": {"fault": UNDER_VISITS}}
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
