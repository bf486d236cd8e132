"""``clock_step``: the clock of the running bot is stepped, as by a time server or by hand (rows 6.5A to C).

Only where ``clock`` is active: the library that does it must be loaded when the bot starts. It ends with ``clock``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.process import clock
from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system.fake_clock import FakeClock, remember, remembered

_DURATION = {"type": "number", "exclusiveMinimum": 0, "unit": "s"}


class ClockStep(Fault):
    name = "clock_step"
    title = "the clock is stepped"
    lasting = False
    schema = {
        "type": "object",
        "description": "Step the running bot's clock; needs the fault clock.",
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {
            "forward": {**_DURATION, "description": "Step forward by this."},
            "back": {**_DURATION, "description": "Step back by this."},
            "to_change": {
                **_DURATION,
                "description": "Step to this long before the change of that night, which then happens by itself.",
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """As the clock that it steps."""
        return clock.Clock.supported(where, {})

    def apply(self) -> None:
        """Step it. Raises OSError where no clock is active, or none with a night to step to."""
        folder = self.site.scratch / "clock"
        stepped, memory = FakeClock(folder, self.site.mark), remembered(folder)
        before = stepped.offset
        if "to_change" in self.arguments:
            if memory["change"] is None:
                raise OSError("clock_step: {to_change: …} needs clock: {night: …}; put it before the start")
            after = memory["change"] - self.arguments["to_change"] - time.time()
        else:
            after = before + self.arguments.get("forward", 0.0) - self.arguments.get("back", 0.0)
        loaded = stepped.loaded_by(self.site.running.processes())
        stepped.set(after)
        # In the kernel's time, which is that of the bot's files.
        remember(folder, {**memory, "stepped": time.time()})
        self._before = before
        self._after = after
        self._loaded = loaded

    def prove(self) -> Proof:
        """It took effect when a process of the bot has the library loaded; ``clock`` proves what the time is for it."""
        loaded = self._loaded
        details = {
            "offset_before": round(self._before, 3),
            "offset_after": round(self._after, 3),
            "stepped_by": round(self._after - self._before, 3),
            "loaded": {str(pid): has_it for pid, has_it in loaded.items()},
        }
        if not loaded:
            details["why"] = "no bot was running whose clock could be stepped"
        elif not any(loaded.values()):
            details["why"] = "libfaketime is in no process of the bot (a static program loads none)"
        return Proof(any(loaded.values()), details)
