"""A bot with a supervisor of its own, which starts its worker again each time that a fault has ended it.

A shell that respawns, a master of workers: the bot as a whole never ends, nor finishes a cycle, however long a scenario
waits for either. So where a scenario expects that the fault may end the bot, it is ended after so many times.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet_stress.faults.applied_fault import AppliedFault

#: So many are no bot that gives up after the second or third time, as supervisord and systemd do.
_TIMES = 10


class RaisedAgain:
    """Whether active faults have ended processes of the bot so often since now, while it lives on."""

    def __init__(self, faults: Sequence[AppliedFault]) -> None:
        self._faults = faults
        self._before = self._ended()

    def __call__(self) -> bool:
        """Ask again."""
        return self._ended() - self._before >= _TIMES

    def told(self) -> str:
        """What was seen, in words."""
        times = self._ended() - self._before
        return (
            f"the fault has ended processes of the bot {times} times, and the bot has started them again: it was ended"
            " as a whole"
        )

    def _ended(self) -> int:
        return sum(applied.fault.ended() for applied in self._faults)
