"""``memory_limit``: the bot gets only so much memory, measured by what it has needed before (row 6.3).

First it is measured, in a control group without a limit; then it is given some more than that, on which it has to live,
or less, and then the kernel may kill it. It is in the group from its first moment: memory that was used before would
stay with the group that it was used in. So the fault comes before a start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.process import control_group
from fleet_stress.faults.protocol import Fault, Proof, Site, UndoNeeded, Unsupported, Where
from fleet_stress.system import memory_cgroup

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Limit the memory of the starts that follow, by what the bot has needed in an earlier one.",
    "additionalProperties": False,
    "oneOf": [{"required": ["measure"]}, {"required": ["of_plateau"]}],
    "properties": {
        "measure": {"const": True, "description": "No limit yet: only measure what it needs."},
        "of_plateau": {
            "type": "number",
            "minimum": 0.1,
            "maximum": 10,
            "description": "So much of the most that it has needed: 1.25 leaves it a quarter more, 0.9 is too little.",
        },
    },
}
_PLATEAU = "memory_needed_bytes"
#: With less of its limit in use than this a bot was not near it.
_NEAR = 0.5


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Where a group for memory can be made."""
    return control_group.supported("memory", "memory")


def undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    """The group."""
    return control_group.undo(site, "memory")


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the group, and let the next start be born in it. Raises OSError."""
    group = control_group.group(site, "memory")
    limit = None
    if "of_plateau" in arguments:
        if _PLATEAU not in site.measured:
            raise OSError(
                "nobody has measured what the bot needs: `memory_limit: {measure: true}` comes before"
            )
        limit = int(site.measured[_PLATEAU] * arguments["of_plateau"])
    memory_cgroup.make(group, limit)
    site.groups.append(group)
    return {"group": group, "need": memory_cgroup.Need(group), "first": memory_cgroup.events(group)}


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when the kernel tells the limit back and the bot came near it; below the plateau, when it hit it.

    Measuring has bitten when something was needed at all.
    """
    most, told = memory["need"].most, memory_cgroup.events(memory["group"])
    limit = memory["first"].limit_bytes
    details: dict[str, Any] = {
        "version": memory["group"].version,
        "limit_bytes": told.limit_bytes,
        "most_needed_bytes": most,
        "plateau_bytes": site.measured.get(_PLATEAU),
        "hits": told.hits,
        "killed_by_the_kernel": told.killed,
    }
    if not most:
        details["why"] = "no process of the bot has used memory in the group: none was started since"
    elif limit != told.limit_bytes:
        details["why"] = "the group has another limit than the one that was set"
    elif arguments.get("of_plateau", 1.0) < 1 and not told.hits:
        details["why"] = "the bot got along with less than it had needed before, and never wanted more"
    elif limit is not None and most < _NEAR * limit:
        details["why"] = f"the bot needed {most} bytes, and came nowhere near its limit of {limit}"
    return Proof("why" not in details, details)


def met(memory: Mapping[str, Any]) -> int:
    """How often it wanted more than the limit."""
    return memory_cgroup.events(memory["group"]).hits


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let whoever still runs go on where we are ourselves, and remove the group."""
    most = memory["need"].stop()
    if "measure" in arguments and most:
        site.measured[_PLATEAU] = most
    control_group.end(site, memory["group"])
    return {}


FAULT = Fault(
    name="memory_limit",
    title="the bot gets only so much memory",
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
