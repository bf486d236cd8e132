"""Which rows of the catalogue apply which fault: what proves it where nothing but the product itself can be run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.planning.compile_command import compile_command

from fleet_stress.faults import FAULTS, applied
from fleet_stress.faults.protocol import Fault

#: Between them these profiles of the reference bot can do every row.
_PROFILES = ("reference", "reference_sqlite")


def of_faults() -> dict[str, dict[str, str]]:
    """For each fault its scenarios, by id, with their rows; those by hand are not among them."""
    found: dict[str, dict[str, str]] = {name: {} for name in FAULTS}
    for scenario, fault, _ in _uses():
        found[fault.name][scenario["id"]] = scenario["row"]
    return found


def first_use(name: str) -> tuple[str | None, Mapping[str, Any]]:
    """A fault as the catalogue uses it first: the network of that scenario, and the fault's arguments."""
    return next(
        (scenario["network"], arguments) for scenario, fault, arguments in _uses() if fault.name == name
    )


def _uses() -> Iterator[tuple[Mapping[str, Any], type[Fault], Mapping[str, Any]]]:
    for profile in _PROFILES:
        for scenario in compile_command(profile, "smoke", "all").scenarios:
            for fault, arguments in applied(scenario["steps"]):
                yield scenario, fault, arguments
