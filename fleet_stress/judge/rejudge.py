"""Judging a run again from what was stored of it: no bot, no host, only the checks of today (principle 10)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fleet_stress.judge.judge import judge


def judge_again(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Judge a folder with ``plan.json``, ``result.json`` and ``evidence/``. Writes nothing.

    Returns the new result, and what changed by scenario (``passed -> failed``). A scenario that was not run, or
    whose evidence is not whole here (``left-out.txt``), keeps the verdict that it had. Raises OSError,
    ValueError and KeyError where the folder does not hold a run.
    """
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    known = {entry["scenario"]: entry for entry in result["scenarios"]}
    left_out = _left_out(folder)
    baseline: dict[str, Any] | None = None
    changes: dict[str, str] = {}
    for scenario in plan["scenarios"]:
        old = known.get(scenario["id"])
        if old is None:
            continue
        new = old
        if old["evidence"] is not None and scenario["id"] not in left_out:
            own = None if scenario["baseline"] else baseline
            new = judge(scenario, plan["bot"], folder / "evidence" / scenario["id"], own)
        if new["verdict"] != old["verdict"]:
            changes[scenario["id"]] = f"{old['verdict']} -> {new['verdict']}"
        known[scenario["id"]] = new
        baseline = new if scenario["baseline"] else baseline
    result["scenarios"] = [known[entry["scenario"]] for entry in result["scenarios"]]
    return result, changes


def _left_out(folder: Path) -> set[str]:
    """Scenarios of which some evidence did not fit into the archive."""
    try:
        names = (folder / "left-out.txt").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return set()
    return {name.split("/")[1] for name in names if name.startswith("evidence/")}
