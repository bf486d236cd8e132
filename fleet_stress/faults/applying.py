"""Around any fault, written once: undo records first, then apply, then prove; what was seen is returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.protocol import Fault, Site
from fleet_stress.undo import Undo


class Applied:
    """One fault that stands (or stood) in an arena."""

    def __init__(self, fault: Fault, site: Site, arguments: Mapping[str, Any], undo: Undo) -> None:
        """Put the undo records on disk, then apply. Raises what ``apply`` raises; the records stay open."""
        self._fault, self._site, self._arguments, self._undo = fault, site, arguments, undo
        self._records = [
            (undo.record(needed.kind, **needed.arguments), needed) for needed in fault.undo(site, arguments)
        ]
        self._memory = fault.apply(site, arguments)

    def evidence(self) -> dict[str, Any]:
        """Prove it: an entry for ``evidence.faults``."""
        proof = self._fault.prove(self._site, self._arguments, self._memory)
        return {
            "fault": self._fault.name,
            "args": dict(self._arguments),
            "applied": True,
            "bit": proof.bit,
            "proof": dict(proof.details),
        }

    def revert(self) -> None:
        """Take it back, and carry out the undo records so that looking confirms it."""
        self._fault.revert(self._site, self._arguments, self._memory)
        for record, needed in reversed(self._records):
            self._undo.carry_out(record, needed.kind, needed.arguments)
        self._records = []
