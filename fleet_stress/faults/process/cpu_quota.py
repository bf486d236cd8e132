"""``cpu_quota``: the bot gets a small share of one processor and no more, whoever else wants it (row 6.4).

A control group's quota (cpu.max, cpu.cfs_quota_us), which niceness is not: on an idle host that slows nobody. The
running bot is moved into it, and what is started meanwhile is born in it. Without a controller there is no such thing
to be had, so the row is skipped there; ``throttle`` then slows as far as niceness does.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

from fleet_stress.faults.process import measured_need
from fleet_stress.faults.process.control_group import InControlGroup
from fleet_stress.faults.protocol import Proof
from fleet_stress.system import cgroups, process

#: So many times the time in which a need was measured shows what the bot uses on average.
_ON_AVERAGE = 10
#: What a starved bot uses at least of what it is left; what its ended children used may be counted late.
_USED_UP = 0.8


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
        least = float(self.arguments["share"])
        self._share = measured_need.share(processor, least, self.arguments) or least
        self._limit = cgroups.make(group, cpu=self._share, io=None, disk=Path(self.site.places["state_dir"]))
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
        self._since = time.monotonic()
        self._used = measured_need.seconds_used(self.site.running.processes())
        #: Why it never will hit this bot, once that was told.
        self._told: str | None = None

    def cannot_hit(self) -> str | None:
        """A bot that is starved uses up what it is left.

        Known after some time only: one that needs no more on average, and that at once, is held back as well.
        """
        passed = time.monotonic() - self._since
        if passed < _ON_AVERAGE * float(self.arguments.get("measured_for", measured_need.MEASURED_FOR)):
            return None
        # Asked at each look of a wait, so of the group: to search the host for the bot's processes takes a while.
        members = process.handles_of(cgroups.members(self._group.path)).values()
        average = (measured_need.seconds_used(members) - self._used) / passed
        if average >= _USED_UP * self._share or not members:
            return None
        self._told = f"it used {average:.3f} of a processor, and is left {self._share:g}"
        return self._told

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
            if self._need is not None and self._share == float(self.arguments["share"]):
                details["nothing_to_hit"] = True  # it was given the least there is
        # A wait may have been given up for it, however often the bot was held back.
        told = self._told if held else self.cannot_hit()
        if told and not outside:
            details |= {"why": told, "nothing_to_hit": True}
        return Proof("why" not in details, details)

    def hits(self) -> int:
        """How often the kernel has held the bot back (``nr_throttled``)."""
        return (cgroups.throttled(self._group) or 0) - int(self._before)
