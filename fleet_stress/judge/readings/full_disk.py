"""The times in which a disk was full, and what the bot's files on it held. Shared by two checks (1.4, 1.6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case, Role

NOT_MET = "no disk was ever full: no fill of a folder came to ENOSPC"


class FullDisk(NamedTuple):
    """A ``fill`` that bit and met ENOSPC: from when to when, and its proof."""

    at: float
    until: float
    proof: Mapping[str, Any]

    @property
    def tried(self) -> int:
        """How often somebody wrote into folders on it while it was full."""
        return sum(self.proof["tried"].values())


def full_disks(case: Case) -> list[FullDisk]:
    """All of them, in order."""
    return [
        FullDisk(one["at"], math.inf if one["lifted_at"] is None else one["lifted_at"], one["proof"])
        for one in case.evidence["faults"]
        if one["fault"] == "fill" and one["bit"] and one["proof"]["enospc"]
    ]


def met_by(case: Case, full: FullDisk) -> list[Mapping[str, Any]]:
    """The starts that ran at some time while it was full."""
    return [
        one
        for one in case.starts
        if one["at"] < full.until and (one["exit"] is None or one["exit"]["at"] >= full.at)
    ]


def unwritten(full: FullDisk, role: Role) -> str | None:
    """How a file shows that a write was lost while its disk was full; None where it shows nothing.

    Rewritten by every cycle, says the profile; so one that stands there as before was not, and one that was
    whole before and is not any more was cut off. Both mean something only where the bot tried to write.
    """
    before, last = (full.proof[name].get(role.key) for name in ("tracked_before", "tracked_last"))
    if before is None:
        return None
    if last is None:
        return f"{role.key} is gone"
    if before["json"] == "valid" and last["json"] != "valid":
        return f"{role.key} holds {last['size']} bytes that are no {role.kind}"
    if role.rewritten == "cycle" and before["identity"] == last["identity"]:
        return f"{role.key} still stands as before"
    return None
