"""``slow_disk``: a folder whose disk answers late or lets little through (rows 1.5 A and B).

The plan's ways (NFS with latency, dm-delay) are not to be had on an ordinary kernel; the faulty file system stands in
for them, everywhere that FUSE is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.disk import covering
from fleet_stress.faults.protocol import Fault, Proof, Site, UndoNeeded

_NAME = "slow_disk"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Let the bot's state or log folder lie on a slow disk.",
    "additionalProperties": False,
    "anyOf": [{"required": ["latency"]}, {"required": ["bytes_per_second"]}],
    "properties": {
        "folder": covering.FOLDER,
        "by": covering.BY,
        "latency": {
            "type": "number",
            "exclusiveMinimum": 0,
            "unit": "s",
            "description": (
                "So much later is each operation done that makes, opens for writing, renames, removes or changes a file"
                " (not its data)."
            ),
        },
        "bytes_per_second": {
            "type": "integer",
            "minimum": 1,
            "description": "No more than so many bytes are written or read in a second.",
        },
    },
}


def undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    """The mounts."""
    return covering.undo(site, arguments, _NAME)


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mount it, slow from the first operation on."""
    rules: list[dict[str, Any]] = []
    if "latency" in arguments:
        rules.append({"on": ["metadata"], "delay": arguments["latency"]})
    if "bytes_per_second" in arguments:
        rules.append({"on": ["data"], "bytes_per_second": arguments["bytes_per_second"]})
    return covering.apply(site, arguments, _NAME, rules)


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when an operation of the bot was delayed: how many were, and for how long in all."""
    proof = covering.prove(memory)
    rules = [rule for folder in proof.details["folders"].values() for rule in folder["rules"]]
    waited = round(sum(rule["waited_seconds"] for rule in rules), 3)
    details = {**proof.details, "delayed": proof.details["met"], "delayed_seconds": waited}
    if not proof.details["met"]:
        details["why"] = "no operation of the bot was delayed"
    return Proof(proof.bit and waited > 0, details)


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take it away."""
    return covering.take_away(site, memory)


FAULT = Fault(
    name=_NAME,
    title="the disk is slow",
    stands=True,
    schema=SCHEMA,
    supported=covering.supported,
    undo=undo,
    apply=apply,
    prove=prove,
    revert=revert,
    met=covering.met,
    slows=True,
)
