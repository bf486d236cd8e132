"""``faulty_fs``: the bot's state or log folder lies on a file system that answers by rules (docs: faulty_fs/rules.py).

By operation and path: later, with an error, in part, not for a time, or by killing the bot at just the k-th.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faults.disk import covering
from fleet_stress.faults.protocol import Proof
from fleet_stress.faulty_fs.shipped import rules


class FaultyFs(covering.OverFolder):
    name = "faulty_fs"
    title = "the disk answers by rules"
    schema = {
        "type": "object",
        "description": "A file system over the bot's folder that sees each operation and answers by rules.",
        "additionalProperties": False,
        "required": ["rules"],
        "properties": {
            "folder": covering.FOLDER,
            "by": covering.BY,
            "rules": {
                "type": "array",
                "maxItems": 100,
                "description": "All rules that match an operation apply; of several errors, the first.",
                "items": rules.SCHEMA,
            },
        },
    }

    @classmethod
    def impossible(cls, arguments: Mapping[str, Any]) -> str | None:
        return rules.impossible(arguments["rules"])

    @classmethod
    def rules(cls, arguments: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = arguments["rules"]
        return found

    def prove(self) -> Proof:
        """It took effect when a rule was hit; without rules, when something passed through."""
        proof = super().prove()
        if self.arguments["rules"]:
            return proof
        folders = proof.details["folders"].values()
        passed = sum(sum(folder["operations"].values()) for folder in folders)
        there = all(folder["stood"] for folder in folders)
        details = {name: value for name, value in proof.details.items() if name != "why"}
        return Proof(there and passed > 0, {**details, "passed": passed})
