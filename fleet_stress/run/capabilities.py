"""What this host cannot do of a plan, and what would enable it: checked before a run, and again during it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults import any_by_user, unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system.network import private_network


def unable(plan: Mapping[str, Any], scenario: Mapping[str, Any]) -> dict[str, str] | None:
    """Why a scenario is skipped here: ``reason`` and ``enable``; None: it can be run."""
    if scenario["skip"] is not None:
        return dict(scenario["skip"])
    kind = "by_user" if by_user(scenario) else scenario["network"]
    where = Where(Path(plan["stress_dir"]), plan["bot"], kind)
    cannot: Any = private_network.unable() if kind == "private" else None
    cannot = cannot or unsupported(scenario["steps"], where)
    return None if cannot is None else dict(cannot._asdict())


def by_user(scenario: Mapping[str, Any]) -> bool:
    """Whether it needs a private network, and gets the host's with rules about the bots' user instead.

    Such a scenario runs alone: another bot of that user would be hit as well.
    """
    return system.FILTERS_BY_USER and scenario["network"] == "private" and any_by_user(scenario["steps"])


def all_unable(plan: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The same for all scenarios of a plan that would be skipped, by id."""
    found = {scenario["id"]: unable(plan, scenario) for scenario in plan["scenarios"]}
    return {name: cannot for name, cannot in found.items() if cannot is not None}
