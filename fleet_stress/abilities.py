"""What this host cannot do of a plan, and what would enable it: asked before a run, and again in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import network
from fleet_stress.faults import unsupported
from fleet_stress.faults.protocol import Where


def unable(plan: Mapping[str, Any], scenario: Mapping[str, Any]) -> dict[str, str] | None:
    """Why a scenario is skipped here: ``reason`` and ``enable``; None: it can be run."""
    if scenario["skip"] is not None:
        return dict(scenario["skip"])
    where = Where(Path(plan["stress_dir"]), plan["bot"], scenario["network"])
    cannot: Any = network.unable() if scenario["network"] == "private" else None
    cannot = cannot or unsupported(scenario["steps"], where)
    return None if cannot is None else dict(cannot._asdict())


def all_unable(plan: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The same of all scenarios of a plan that would be skipped, by id."""
    found = {one["id"]: unable(plan, one) for one in plan["scenarios"]}
    return {name: cannot for name, cannot in found.items() if cannot is not None}
