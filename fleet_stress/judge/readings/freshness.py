"""When a file was last rewritten, compared with the bot's cycles. Shared by state_fresh and logs_present.

Files' times and cycles' times are both the file system's clock, so no other clock is involved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.roles import Role

#: Kernels stamp files with a clock that lags by up to a tick; counts in the bot's favour, in seconds.
GRAIN = 0.05


def stale(case: Case, start: Mapping[str, Any], role: Role) -> str | None:
    """Why a file that the profile calls ``rewritten`` is stale after a start, or None.

    ``cycle``: rewritten after the last but one observed cycle, so by the last one (``too_short`` says when
    there is no such). ``exit``: at or after the last cycle. ``change``: rewritten at all since the start.
    """
    info = case.after(start).get(role.key)
    if info is None or role.rewritten == "never":
        return None
    before = case.before(start).get(role.key)
    if before and (before["inode"], before["mtime"]) == (info["inode"], info["mtime"]):
        return f"{role.key} was not rewritten by start {start['n']}"
    cycles = start["cycles"]
    if role.rewritten == "cycle" and len(cycles) > 1:
        earlier = cycles[-2]
        if info["mtime"] < earlier["wall"] - GRAIN:
            after = max(0.0, info["mtime"] - start["wall"])
            since = sum(1 for cycle in cycles if cycle["wall"] - GRAIN > info["mtime"])
            return (
                f"{role.key} was last rewritten {after:.1f} s after start {start['n']} began;"
                f" {since} of its {cycles[-1]['n']} cycles were seen to end later"
            )
    if role.rewritten == "exit" and cycles and info["mtime"] < cycles[-1]["wall"] - GRAIN:
        return f"{role.key} was not rewritten when start {start['n']} ended"
    return None


def too_short(case: Case, start: Mapping[str, Any], role: Role) -> bool:
    """Whether a start saw too few cycles to tell a file that every cycle rewrites from one written once.

    On a busy host the last of many may be the only one that was seen. It is enough for the file that tells of it, and
    for one that was rewritten no longer before than an interval: in that there was no other cycle.
    """
    cycles = start["cycles"]
    if role.rewritten != "cycle" or len(cycles) > 1:
        return False
    if not cycles or cycles[-1]["n"] < 2:
        return True
    counted = case.bot["cycle"]
    if counted["file"] == role.name and "field" in counted:
        return False
    info, interval = case.after(start).get(role.key), start["settings"].get("scan_interval")
    return info is None or interval is None or info["mtime"] < cycles[-1]["wall"] - float(interval)
