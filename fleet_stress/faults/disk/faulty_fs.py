"""``faulty_fs``: the bot's state or log folder lies on a file system that answers by rules (docs: faulty_fs/rules.py).

By operation and path: later, with an error, in part, not for a time, or by killing the bot at just the k-th.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.disk import covering
from fleet_stress.faults.protocol import Fault, Proof, Site, UndoNeeded, Unsupported, Where
from fleet_stress.faulty_fs.shipped import rules

_NAME = "faulty_fs"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A file system in the place of the bot's folder that sees each operation and answers by rules.",
    "additionalProperties": False,
    "required": ["rules"],
    "properties": {
        "folder": covering.FOLDER,
        "by": covering.BY,
        "rules": {
            "type": "array",
            "maxItems": 100,
            "description": "All that an operation meets are carried out; of errors the first.",
            "items": rules.SCHEMA,
        },
    },
}


def impossible(arguments: Mapping[str, Any]) -> str | None:
    """What cannot be about the rules, though the schema lets it pass."""
    return rules.impossible(arguments["rules"])


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Where one of the ways to have it can do all of its rules."""
    return covering.supported(where, arguments, arguments["rules"])


def undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    """The mounts."""
    return covering.undo(site, arguments, _NAME)


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mount it with its rules."""
    return covering.apply(site, arguments, _NAME, arguments["rules"])


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when a rule was met; without rules, when something passed through."""
    proof = covering.prove(memory)
    if arguments["rules"]:
        return proof
    passed = sum(sum(one["operations"].values()) for one in proof.details["folders"].values())
    stood = all(one["stood"] for one in proof.details["folders"].values())
    details = {name: value for name, value in proof.details.items() if name != "why"}
    return Proof(stood and passed > 0, {**details, "passed": passed})


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take it away."""
    return covering.take_away(site, memory)


FAULT = Fault(
    name=_NAME,
    title="the disk answers by rules",
    stands=True,
    schema=SCHEMA,
    supported=supported,
    undo=undo,
    apply=apply,
    prove=prove,
    revert=revert,
    met=covering.met,
    slows=True,
    impossible=impossible,
)
