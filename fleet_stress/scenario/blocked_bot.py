"""Whether a bot stands still because it waits for what a fault took away: for the reader of its output."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable

from fleet_stress.faults.applied_fault import AppliedFault

#: It stands still after so many times what it ever took for a cycle, and so many seconds more.
_TIMES, _MORE = 3.0, 1.0


class BlockedBot:
    """Asked again and again while the bot runs."""

    def __init__(
        self, faults: Sequence[AppliedFault], starts: Sequence[Mapping[str, Any]], cycles: Callable[[], int]
    ) -> None:
        """``faults``: the active ones. ``starts``: the evidence's, of which the last is the one that runs."""
        self._faults, self._cycles = faults, cycles
        self._patience = _TIMES * max(_pauses(starts[:-1]), default=0.0) + _MORE
        self._since, self._at = time.monotonic(), cycles()

    def __call__(self) -> bool:
        """Whether it has waited in one go, and finished no cycle, for longer than it ever took for one."""
        blocked = any(applied.fault.blocks() for applied in self._faults)
        if not blocked or self._cycles() != self._at:
            self._since, self._at = time.monotonic(), self._cycles()
        return time.monotonic() - self._since > self._patience

    def told(self) -> str:
        """What it waits for."""
        names = ", ".join(applied.fault.name for applied in self._faults if applied.fault.blocks())
        return f"it waits for what {names} took away; output that nobody reads must not hold a bot back"


def _pauses(starts: Sequence[Mapping[str, Any]]) -> Iterator[float]:
    """From each start to its first cycle, and from cycle to cycle. Seconds."""
    for start in starts:
        before = float(start["at"])
        for cycle in start["cycles"]:
            yield float(cycle["at"]) - before
            before = float(cycle["at"])
