"""``slow_disk``: a state folder whose disk answers late or lets little through (rows 1.5 A and B).

A descriptor without hands: the plan's ways (NFS with latency, dm-delay) are not to be had on an ordinary
kernel, and the faulty file system that stands in for them is not built yet. So the rows are in the
catalogue, are skipped, and say why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Let the bot's state folder lie on a slow disk.",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "latency": {
            "type": "number",
            "minimum": 0,
            "unit": "s",
            "description": "So much later comes the answer to each operation.",
        },
        "bytes_per_second": {
            "type": "integer",
            "minimum": 1,
            "description": "No more than so many bytes are written or read in a second.",
        },
    },
}


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Nowhere yet."""
    return Unsupported(
        "a slow disk comes with the faulty file system, which this engine does not have yet",
        "an engine with it, and FUSE (libfuse3) on the host",
    )


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Never: a scenario with it is skipped before it begins. Raises NotImplementedError."""
    _unreachable()


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """Never. Raises NotImplementedError."""
    _unreachable()


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Never. Raises NotImplementedError."""
    _unreachable()


def _unreachable() -> NoReturn:
    raise NotImplementedError("slow_disk is supported nowhere; who applies it has not asked")


FAULT = Fault(
    name="slow_disk",
    title="the disk is slow",
    stands=True,
    schema=SCHEMA,
    supported=supported,
    undo=nothing_to_undo,
    apply=apply,
    prove=prove,
    revert=revert,
)
