"""``slow_disk``: a folder whose disk answers late or lets little through (rows 1.5 A and B).

The stress plan's means (NFS with latency, dm-delay) are missing in ordinary kernels; the faulty file system stands in
for them, everywhere that FUSE is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faults.disk import covering
from fleet_stress.faults.protocol import Proof


class SlowDisk(covering.OverFolder):
    name = "slow_disk"
    title = "the disk is slow"
    schema = {
        "type": "object",
        "description": "Slow down the disk of the bot's state or log folder.",
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
                    "The delay of each operation that creates, opens for writing, renames, removes or changes a file"
                    " (not its data)."
                ),
            },
            "bytes_per_second": {
                "type": "integer",
                "minimum": 1,
                "description": "The most bytes that are written or read in a second.",
            },
        },
    }

    @classmethod
    def rules(cls, arguments: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        found: list[dict[str, Any]] = []
        if "latency" in arguments:
            found.append({"on": ["metadata"], "delay": arguments["latency"]})
        if "bytes_per_second" in arguments:
            found.append({"on": ["data"], "bytes_per_second": arguments["bytes_per_second"]})
        return found

    def prove(self) -> Proof:
        """It took effect when an operation of the bot was delayed: how many were, and for how long in all."""
        proof = super().prove()
        rules = [rule for folder in proof.details["folders"].values() for rule in folder["rules"]]
        waited = round(sum(rule["waited_seconds"] for rule in rules), 3)
        details = {**proof.details, "delayed": proof.details["met"], "delayed_seconds": waited}
        if not proof.details["met"]:
            details["why"] = "no operation of the bot was delayed"
        return Proof(proof.took_effect and waited > 0, details)
