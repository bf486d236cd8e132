"""Around any fault, written once: undo records first, then apply; in the end prove, revert, and look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.protocol import Fault
from fleet_stress.faults.site import Site
from fleet_stress.recovery.undo import Undo


class AppliedFault:
    """One fault that is (or was) applied in an arena; ``entry`` is its entry in ``evidence.faults``."""

    def __init__(
        self,
        kind: type[Fault],
        site: Site,
        arguments: Mapping[str, Any],
        undo: Undo,
        at: float,
        start: int | None,
    ) -> None:
        """Put the undo records on disk, then apply. Raises what ``apply`` raises; the records stay open."""
        self.fault, self._undo = kind(site, arguments), undo
        self.entry = entry(kind.name, arguments, at, start)
        self._records = [
            (undo.record(needed.kind, **needed.arguments), needed) for needed in self.fault.undo()
        ]
        self.fault.apply()
        self.entry["applied"] = True
        site.earlier.append(self.fault)

    def revert(self, at: float) -> None:
        """Prove it, take it back, and carry out the undo records so that looking confirms it."""
        try:
            proof = self.fault.prove()
            self.entry["bit"], self.entry["proof"] = proof.took_effect, dict(proof.details)
        finally:  # whatever could not be proved must be taken back all the same
            after = self.fault.revert()
            for record, needed in reversed(self._records):
                self._undo.carry_out(record, needed.kind, needed.arguments)
            self._records = []
            self.entry["lifted_at"] = at
        if after:
            self.entry["proof"]["after_lifting"] = dict(after)
            self.entry["bit"] = self.entry["bit"] and after.get("bit", True)


def entry(name: str, arguments: Mapping[str, Any], at: float, start: int | None) -> dict[str, Any]:
    """An entry of ``evidence.faults``, before anything is known of it."""
    return {
        "fault": name,
        "args": dict(arguments),
        "at": at,
        "start": start,
        "applied": False,
        "lifted_at": None,
        "bit": False,
        "proof": {},
    }
