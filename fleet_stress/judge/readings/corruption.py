"""The corruption that a scenario applied to a file, and the starts after it. Shared by three checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case

ARGUMENTS = {"file": {"type": "string", "description": "Role of the file that was corrupted."}}


class Corruption(NamedTuple):
    """A ``corrupt`` fault that bit: its proof, when, and the first start that met it."""

    proof: Mapping[str, Any]
    at: float
    start: Mapping[str, Any]


def of(case: Case, role: str) -> Corruption | None:
    """The corruption of the file with this role, if it bit and a start of the bot met it."""
    for fault in case.evidence["faults"]:
        if fault["fault"] == "corrupt" and fault["bit"] and fault["proof"]["role"] == role:
            later = [start for start in case.starts if start["at"] >= fault["at"]]
            if later:
                proof = dict(fault["proof"])
                if fault["args"].get("backup") == "remove":  # what the scenario took away is nobody's to use
                    proof.update(backup_before=None, backup_fields={})
                return Corruption(proof, float(fault["at"]), later[0])
    return None


def not_met(role: str) -> str:
    """The reason when there was none."""
    return f"no corruption of {role} that bit was met by a start of the bot"
