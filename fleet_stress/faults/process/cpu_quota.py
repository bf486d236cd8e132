"""``cpu_quota``: the bot gets a small share of one processor and no more, whoever else wants it (row 6.4).

A control group's quota (cpu.max, cpu.cfs_quota_us), which niceness is not: on an idle host that slows nobody. The
running bot is moved into it, and what is started meanwhile is born in it. Without a controller there is no such thing
to be had, so the row is skipped there; ``throttle`` then slows as far as niceness does.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from fleet_stress.faults.process import measured_need
from fleet_stress.faults.process.control_group import InControlGroup
from fleet_stress.faults.protocol import Proof
from fleet_stress.system import cgroups


class CpuQuota(InControlGroup):
    name = "cpu_quota"
    title = "the bot gets a small share of one processor"
    controller = "cpu"
    limits = "the processor"
    schema = {
        "type": "object",
        "description": "Limit the bot to a share of one processor.",
        "additionalProperties": False,
        "required": ["share"],
        "properties": {
            "share": {
                "type": "number",
                "minimum": 0.01,
                "maximum": 1,
                "description": "The share: 0.05 is a twentieth of one processor.",
            },
            "of_need": measured_need.OF_NEED,
            "measured_for": measured_need.MEASURED,
        },
    }

    def apply(self) -> None:
        """Make the group with its quota, and move the bot into it. Raises OSError."""
        group = self._group_to_make()
        self._need = measured_need.measured(self.site.running.processes, self.arguments)
        processor = None if self._need is None else self._need.processor
        cpu = measured_need.share(processor, float(self.arguments["share"]), self.arguments)
        self._limit = cgroups.make(group, cpu=cpu, io=None, disk=Path(self.site.places["state_dir"]))
        self._enter(group)
        # Who is started while we go over them comes from one that is not in it yet: until all are.
        for _ in range(10):
            outside = {process.pid for process in self.site.running.processes()} - set(
                cgroups.members(group.path)
            )
            if not outside:
                break
            for pid in outside:
                with contextlib.suppress(ProcessLookupError):
                    cgroups.add(group, pid)
        self._before = cgroups.throttled(group) or 0

    def prove(self) -> Proof:
        """It took effect when the kernel has held the bot back in it, and nobody of the bot is outside of it."""
        group = self._group
        held, bot = self.hits(), {process.pid for process in self.site.running.processes()}
        outside = sorted(bot - set(cgroups.members(group.path)))
        details: dict[str, Any] = {
            "version": group.version,
            "limit": self._limit,
            "need": None if self._need is None else self._need.processor,
            "held_back": held,
            "outside": outside,
        }
        if outside:
            details["why"] = "a process of the bot was outside of the group"
        elif not held:
            details["why"] = "the bot never used up what it was given: the kernel has not held it back once"
            least = float(self.arguments["share"])
            if self._need is not None and self._need.processor * float(self.arguments["of_need"]) <= least:
                details["nothing_to_hit"] = True  # it was given the least there is, and needs less
        return Proof("why" not in details, details)

    def hits(self) -> int:
        """How often the kernel has held the bot back (``nr_throttled``)."""
        return (cgroups.throttled(self._group) or 0) - int(self._before)
