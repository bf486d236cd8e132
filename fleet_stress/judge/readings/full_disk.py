"""When a disk was full, and what the bot's files on it held. Shared by two checks (1.4, 1.6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.judge.roles import Role

#: A database, which a bot may go on writing to; what only a command of the profile can read.
_TOLD_BY_A_PROGRAM = ("sqlite", "bytes")
NEVER_FULL = "no disk was ever full: no fill of a folder reached ENOSPC"


class FullDisk(NamedTuple):
    """A ``fill`` that took effect and reached ENOSPC: from when to when, and its proof."""

    at: float
    until: float
    proof: Mapping[str, Any]

    @property
    def tried(self) -> int:
        """How often the bot tried to write to it while it was full."""
        return sum(self.proof["tried"].values())


def full_disks(case: Case) -> list[FullDisk]:
    """All of them, in order."""
    return [
        FullDisk(fault["at"], math.inf if fault["lifted_at"] is None else fault["lifted_at"], fault["proof"])
        for fault in case.took_effect("fill")
        if fault["proof"]["enospc"]
    ]


def running(case: Case, full: FullDisk) -> list[Mapping[str, Any]]:
    """The starts that ran at some time while it was full."""
    return [
        start
        for start in case.starts
        if start["at"] < full.until and (start["exit"] is None or start["exit"]["at"] >= full.at)
    ]


def went_on(full: FullDisk) -> str | None:
    """How files show that the bot went on saving, as one does that writes in place; None where one does not.

    Each file with numbers was whole when the disk was full, and has numbers that rose until the end.
    """
    before, last = full.proof["tracked_before"], full.proof["tracked_last"]
    rose = []
    for key in before:
        had, has = ((side.get(key) or {}).get("fields", {}) for side in (before, last))
        higher = [name for name in had if has.get(name, had[name]) > had[name]]
        if had and (not higher or last[key]["json"] != "valid"):
            return None
        rose += [f"{key}: {name} rose from {had[name]:g} to {has[name]:g}" for name in higher]
    return ", ".join(rose) or None


def unread(role: Role, seen: Mapping[str, Any]) -> bool:
    """Whether a file that was there could not be read just then: a program tells what it holds, and was too slow."""
    return role.format in _TOLD_BY_A_PROGRAM and seen["json"] is None


def unwritten(full: FullDisk, role: Role) -> str | None:
    """How a file shows that a write was lost while its disk was full; None where it shows nothing.

    A file that the profile says every cycle rewrites and that is unchanged was not rewritten; one that was whole
    before and no longer is was cut off. Both mean something only where the bot tried to write.
    """
    before, last = (full.proof[name].get(role.key) for name in ("tracked_before", "tracked_last"))
    if before is None:
        return None
    if last is None:
        return f"{role.key} is gone"
    if before["json"] == "valid" and last["json"] != "valid" and not unread(role, last):
        return f"{role.key} holds {last['size']} bytes that are no valid {role.kind}"
    if role.rewritten == "cycle" and before["identity"] == last["identity"]:
        return f"{role.key} is unchanged"
    return None
