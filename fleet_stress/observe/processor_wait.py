"""How long a bot was kept waiting for a processor: on a slow host its clock is not the bot's fault (principle 8)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
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
        #: The same since the last signal.
        self._since_signal: dict[tuple[int, int], tuple[_Look, _Look]] = {}

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
                for threads in (self._threads, self._since_signal):
                    first, _ = threads.get((member.pid, thread), (look, look))
                    threads[member.pid, thread] = (first, look)

    def signalled(self, members: Iterable[psutil.Process]) -> None:
        """These are being sent a signal: how long they wait from now on is told apart."""
        self._since_signal = {}
        self.look(members)

    def describe(self) -> dict[str, Any]:
        """``kept_waiting``: the largest share of its time that one thread waited; null where that is not known.

        ``kept_waiting_to_stop``: of the time since the last signal. A start that was looked at once was too short to
        have been kept waiting for long.
        """
        return {
            "kept_waiting": _largest_share(self._threads),
            "kept_waiting_to_stop": _largest_share(self._since_signal),
        }


def _largest_share(threads: Mapping[tuple[int, int], tuple[_Look, _Look]]) -> float | None:
    shares = [
        (waited - before) / (last - first)
        for (first, before), (last, waited) in threads.values()
        if last > first
    ]
    return round(min(1.0, max(shares)), 3) if shares else None
