"""The faults: one file each. A module in one of these folders that has a ``FAULT`` is one; nothing lists them.

Imports faulty_fs, observe, recovery, system, store.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_stress.faults.protocol import Fault, Unsupported, Where
from fleet_stress.store.plan_steps import all_steps


def _found() -> Iterator[Fault]:
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        fault = getattr(importlib.import_module(module.name), "FAULT", None)
        if fault is not None:
            yield fault


FAULTS: dict[str, Fault] = {fault.name: fault for fault in sorted(_found(), key=lambda fault: fault.name)}


def unsupported(steps: Sequence[Mapping[str, Any]], where: Where) -> Unsupported | None:
    """The first fault among a scenario's steps that this host cannot do, or None."""
    for step in all_steps(steps):
        if step["verb"] == "fault":
            found = FAULTS[step["args"]["fault"]].supported(where, step["args"]["args"])
            if found is not None:
                return found
    return None


def wanted(steps: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """With what an arena has to be made for the faults among a scenario's steps."""
    faults = [FAULTS[step["args"]["fault"]] for step in all_steps(steps) if step["verb"] == "fault"]
    return frozenset().union(*(fault.wants for fault in faults))


def any_by_user(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a fault among a scenario's steps can do without a network of the arena's own, by the bots' user."""
    return any(FAULTS[one["args"]["fault"]].by_user for one in all_steps(steps) if one["verb"] == "fault")


__all__ = ["FAULTS", "any_by_user", "unsupported", "wanted"]
