"""How long a bot was kept waiting for a processor: on a slow host its clock is not the bot's fault (principle 8)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import psutil

from fleet_stress import system

#: Seconds between two looks.
_EVERY = 0.5


class ProcessorWait:
    """Looks now and then at the threads of one start."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._next_look = 0.0
        #: By process and thread: since when it is known, and how long it has waited.
        self._threads: dict[tuple[int, int], tuple[float, float]] = {}

    @property
    def is_due(self) -> bool:
        """Whether it is time for a look."""
        return time.monotonic() >= self._next_look

    def look(self, members: Iterable[psutil.Process]) -> None:
        """Remember how long each thread of these has waited by now."""
        self._next_look = time.monotonic() + _EVERY
        for member in members:
            for thread, waited in system.kept_waiting(member.pid).items():
                self._threads[member.pid, thread] = (time.monotonic(), waited)

    def describe(self) -> dict[str, Any]:
        """``kept_waiting``: the largest share of its time that one thread waited; null where that is not known."""
        shares = [waited / max(seen - self._began, 0.001) for seen, waited in self._threads.values()]
        return {"kept_waiting": round(min(1.0, max(shares)), 3) if shares else None}
