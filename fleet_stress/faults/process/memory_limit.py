"""``memory_limit``: the bot gets only so much memory, measured by what it has needed before (row 6.3).

First it is measured, in a control group without a limit; then it is given some more than that, on which it has to live,
or less, and then the kernel may kill it. Enough is more than it can have needed, too little is less than it was seen to
need: on a slow host the two lie apart. It is in the group from its first moment: memory that was used before would
stay with the group that it was used in. So the fault comes before a start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.faults.process.control_group import InControlGroup
from fleet_stress.faults.protocol import Proof
from fleet_stress.system import memory_cgroup

#: With less of its limit in use than this a bot was not near it.
_NEAR = 0.5


class MemoryLimit(InControlGroup):
    name = "memory_limit"
    title = "memory is limited"
    controller = limits = "memory"
    schema = {
        "type": "object",
        "description": "Limit the memory of later starts, relative to what the bot needed in an earlier one.",
        "additionalProperties": False,
        "oneOf": [{"required": ["measure"]}, {"required": ["of_plateau"]}],
        "properties": {
            "measure": {"const": True, "description": "No limit: only measure what it needs."},
            "of_plateau": {
                "type": "number",
                "minimum": 0.1,
                "maximum": 10,
                "description": "The limit as a share of the measured peak: 1.25 is a quarter more, 0.9 too little.",
            },
        },
    }

    def apply(self) -> None:
        """Make the group, and let the next start be born in it. Raises OSError."""
        group, limit = self._group_to_make(), None
        measured = next((fault for fault in self._measured_before() if fault.plateau), None)
        enough = self.arguments.get("of_plateau", 0.0) >= 1
        #: The most that the bot has needed, where that was measured before: seen at least, or at most.
        self._needed = measured and (measured.at_most if enough else measured.plateau)
        #: The same, measured by this one; known once it is reverted.
        self.plateau: int | None = None
        self.at_most: int | None = None
        if "of_plateau" in self.arguments:
            if self._needed is None:
                raise OSError(
                    "nobody has measured what the bot needs: `memory_limit: {measure: true}` comes before"
                )
            limit = int(self._needed * self.arguments["of_plateau"])
        memory_cgroup.make(group, limit)
        self._enter(group)
        self._need = memory_cgroup.Need(group)
        self._limit = memory_cgroup.events(group).limit_bytes

    def _measured_before(self) -> Iterator[MemoryLimit]:
        """The newest first."""
        return (fault for fault in reversed(self.site.earlier) if isinstance(fault, MemoryLimit))

    def prove(self) -> Proof:
        """The kernel tells the limit back, and the bot hit it or, above the plateau, came near it.

        That it hit it, or was killed at it, is counted by the kernel; only that it came near is known by samples.
        Measuring took effect when something was needed at all.
        """
        most, events = self._need.most, memory_cgroup.events(self._group)
        limit = self._limit
        details: dict[str, Any] = {
            "version": self._group.version,
            "limit_bytes": events.limit_bytes,
            "most_needed_bytes": most,
            "plateau_bytes": self._needed,
            "hits": events.hits,
            "killed_by_the_kernel": events.killed,
        }
        if limit != events.limit_bytes:
            details["why"] = "the group has another limit than the one that was set"
        elif events.hits:  # the kernel counts each time; samples may miss the moment in which it killed
            pass
        elif not most:
            details["why"] = "no process of the bot has used memory in the group: none was started since"
        elif self.arguments.get("of_plateau", 1.0) < 1:
            details["why"] = "the bot got along with less than it had needed before, and never wanted more"
        elif limit is not None and most < _NEAR * limit:
            details["why"] = f"the bot needed {most} bytes, and came nowhere near its limit of {limit}"
        return Proof("why" not in details, details)

    def revert(self) -> Mapping[str, Any]:
        """Let whoever still runs go on where we are ourselves, and remove the group."""
        most = self._need.stop()
        if "measure" in self.arguments:
            self.plateau = most or None
            self.at_most = self._need.at_most or None
        return super().revert()

    def hits(self) -> int:
        """How often it wanted more than the limit."""
        return memory_cgroup.events(self._group).hits

    def ended(self) -> int:
        """How many of its processes the kernel has killed at the limit."""
        return memory_cgroup.events(self._group).killed
