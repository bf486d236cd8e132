"""Which rows of the catalogue apply which fault: what proves it where nothing but the product itself can be run."""

from __future__ import annotations

from fleet_controller.planning.compile_command import compile_command

from fleet_stress.faults import FAULTS, applied

#: Between them these profiles of the reference bot can do every row.
_PROFILES = ("reference", "reference_sqlite")


def of_faults() -> dict[str, dict[str, str]]:
    """For each fault its scenarios, by id, with their rows; those by hand are not among them."""
    found: dict[str, dict[str, str]] = {name: {} for name in FAULTS}
    for profile in _PROFILES:
        for one in compile_command(profile, "smoke", "all").scenarios:
            for fault, _ in applied(one["steps"]):
                found[fault.name][one["id"]] = one["row"]
    return found
