"""How long a bot was kept waiting for a processor: on a slow host its clock is not the bot's fault (principle 8)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import psutil

from fleet_stress import system

#: Seconds between two looks.
_EVERY = 0.5
#: When, and the seconds that a thread had waited by then.
_Look = tuple[float, float]


class ProcessorWait:
    """Looks now and then at the threads of one start."""

    def __init__(self) -> None:
        self._next_look = 0.0
        #: By process and thread: when it was seen first and last, and how long it had waited by then.
        self._threads: dict[tuple[int, int], tuple[_Look, _Look]] = {}

    @property
    def is_due(self) -> bool:
        """Whether it is time for a look."""
        return time.monotonic() >= self._next_look

    def look(self, members: Iterable[psutil.Process]) -> None:
        """Remember how long each thread of these has waited by now."""
        self._next_look = time.monotonic() + _EVERY
        for member in members:
            for thread, waited in system.kept_waiting(member.pid).items():
                look = (time.monotonic(), waited)
                first, _ = self._threads.get((member.pid, thread), (look, look))
                self._threads[member.pid, thread] = (first, look)

    def describe(self) -> dict[str, Any]:
        """``kept_waiting``: the largest share of its time that one thread waited; null where that is not known.

        A start that was looked at once was too short to have been kept waiting for long.
        """
        shares = [
            (waited - before) / (last - first)
            for (first, before), (last, waited) in self._threads.values()
            if last > first
        ]
        return {"kept_waiting": round(min(1.0, max(shares)), 3) if shares else None}
