"""Around any fault, written once: undo records first, then apply; when it is lifted prove, revert and look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.protocol import Fault, Site
from fleet_stress.recovery.undo import Undo


class Standing:
    """One fault that stands (or stood) in an arena; ``entry`` is its entry in ``evidence.faults``."""

    def __init__(
        self, fault: Fault, site: Site, arguments: Mapping[str, Any], undo: Undo, at: float, start: int | None
    ) -> None:
        """Put the undo records on disk, then apply. Raises what ``apply`` raises; the records stay open."""
        self.fault, self._site, self._arguments, self._undo = fault, site, arguments, undo
        self.entry: dict[str, Any] = {
            "fault": fault.name,
            "args": dict(arguments),
            "at": at,
            "start": start,
            "applied": False,
            "lifted_at": None,
            "bit": False,
            "proof": {},
        }
        self._records = [
            (undo.record(needed.kind, **needed.arguments), needed) for needed in fault.undo(site, arguments)
        ]
        self._memory = fault.apply(site, arguments)
        self.entry["applied"] = True

    def met(self) -> int:
        """How often the bot has met it so far; 0 for faults that cannot tell."""
        return self.fault.met(self._memory) if self.fault.met else 0

    def lift(self, at: float) -> None:
        """Prove it, take it back, and carry out the undo records so that looking confirms it."""
        try:
            proof = self.fault.prove(self._site, self._arguments, self._memory)
            self.entry["bit"], self.entry["proof"] = proof.bit, dict(proof.details)
        finally:  # whatever could not be proved must be taken back all the same
            after = self.fault.revert(self._site, self._arguments, self._memory)
            for record, needed in reversed(self._records):
                self._undo.carry_out(record, needed.kind, needed.arguments)
            self._records = []
            self.entry["lifted_at"] = at
        if after:
            self.entry["proof"]["after_lifting"] = dict(after)
            self.entry["bit"] = self.entry["bit"] and after.get("bit", True)
