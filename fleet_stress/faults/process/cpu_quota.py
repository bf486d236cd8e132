"""``cpu_quota``: the bot gets a small share of one processor and no more, whoever else wants it (row 6.4).

A control group's quota (cpu.max, cpu.cfs_quota_us), which niceness is not: on an idle host that slows nobody. The
running bot is moved into it, and what is started meanwhile is born in it. Without a controller there is no such thing
to be had, so the row is skipped there; ``throttle`` then slows as far as niceness does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults.process import control_group
from fleet_stress.faults.protocol import Fault, Proof, Site, UndoNeeded, Unsupported, Where
from fleet_stress.system import cgroups

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Give the bot at most so much of one processor.",
    "additionalProperties": False,
    "required": ["share"],
    "properties": {
        "share": {
            "type": "number",
            "minimum": 0.01,
            "maximum": 1,
            "description": "Of one processor: 0.05 is a twentieth.",
        }
    },
}


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Where a group for the processor can be made."""
    return control_group.supported("cpu", "the processor")


def undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    """The group."""
    return control_group.undo(site, "cpu")


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the group with its quota, and move the bot into it. Raises OSError."""
    group = control_group.group(site, "cpu")
    limit = cgroups.make(group, cpu=float(arguments["share"]), io=None, disk=Path(site.places["state_dir"]))
    site.groups.append(group)
    # Who is started while we go over them comes from one that is not in it yet: until all are.
    for _ in range(10):
        outside = {one.pid for one in site.processes()} - set(cgroups.members(group.path))
        if not outside:
            break
        for pid in outside:
            with contextlib.suppress(ProcessLookupError):
                cgroups.add(group, pid)
    return {"group": group, "limit": limit, "before": cgroups.throttled(group) or 0}


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when the kernel has held the bot back in it, and nobody of the bot is outside of it."""
    group = memory["group"]
    held, bot = met(memory), {one.pid for one in site.processes()}
    outside = sorted(bot - set(cgroups.members(group.path)))
    details: dict[str, Any] = {
        "version": group.version,
        "limit": memory["limit"],
        "held_back": held,
        "outside": outside,
    }
    if outside:
        details["why"] = "a process of the bot was outside of the group"
    elif not held:
        details["why"] = "the bot never used up what it was given: the kernel has not held it back once"
    return Proof("why" not in details, details)


def met(memory: Mapping[str, Any]) -> int:
    """How often the kernel has held the bot back (``nr_throttled``)."""
    return (cgroups.throttled(memory["group"]) or 0) - int(memory["before"])


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the bot go on where we are ourselves, and remove the group."""
    control_group.end(site, memory["group"])
    return {}


FAULT = Fault(
    name="cpu_quota",
    title="the bot gets a small share of one processor",
    stands=True,
    schema=SCHEMA,
    supported=supported,
    undo=undo,
    apply=apply,
    prove=prove,
    revert=revert,
    met=met,
    slows=True,
)
