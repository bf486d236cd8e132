"""The corruption that a scenario applied to a file, and the starts after it. Shared by three checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.judge.roles import Role

ARGUMENTS = {
    "file": {
        "type": "string",
        "description": "Role of the file that was corrupted; all that were, by default.",
    }
}


class Corruption(NamedTuple):
    """A ``corrupt`` fault that took effect: its proof, when, and the first start after it."""

    proof: Mapping[str, Any]
    at: float
    start: Mapping[str, Any]


def of(case: Case, role: str) -> Corruption | None:
    """The corruption of the file with this role, if it took effect and a start of the bot came after it."""
    for fault in case.took_effect("corrupt"):
        if fault["proof"]["role"] == role:
            later = [start for start in case.starts if start["at"] >= fault["at"]]
            if later:
                proof = dict(fault["proof"])
                if fault["args"].get("backup") == "remove":  # the scenario took it away
                    proof.update(backup_before=None, backup_fields={})
                return Corruption(proof, float(fault["at"]), later[0])
    return None


def roles(case: Case, arguments: Mapping[str, Any]) -> list[str]:
    """Of the files that a check looks at: the one that it is told, or all that were corrupted."""
    if "file" in arguments:
        return [str(arguments["file"])]
    return list(dict.fromkeys(str(fault["proof"]["role"]) for fault in case.took_effect("corrupt")))


def took(case: Case, role: Role, after: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether a file was corrupted between two starts, and its numbers with it."""
    return any(
        fault["proof"]["role"] == role.name and after["at"] <= fault["at"] <= before["at"]
        for fault in case.took_effect("corrupt")
    )


NONE = "no file was corrupted, so there is none to look at"


def not_hit(role: str) -> str:
    """The reason when there was none."""
    return f"no start of the bot came after a corruption of {role} that took effect"
