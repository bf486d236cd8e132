"""Which write a signal in mid-write is to meet: one of a file that earlier signals met least (3.4).

A bot saves its files in one order, so the next write is nearly always that of the first one, and ten kills
would meet it ten times and the others never.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: So many cycles go by for a file that none has met; as many more for one of those that were met least.
PATIENCE = 2


class Aim:
    """Looks at the files that a held bot is writing and says whether that is the moment."""

    def __init__(self, starts: Iterable[Mapping[str, Any]], cycles: int) -> None:
        """``starts`` are those of the arena so far, ``cycles`` those that the running one has finished."""
        self._met = Counter(
            _plain(name) for one in starts for signal in one["signals"] for name in signal.get("writing", ())
        )
        self._began = cycles

    def takes(self, writing: Sequence[str], cycles: int) -> bool:
        """Whether to take the moment in which these files are being written."""
        if not writing:
            return False
        least = min(self._met[_plain(name)] for name in writing)
        passed = cycles - self._began
        return (
            least == 0
            or passed >= 2 * PATIENCE
            or (passed >= PATIENCE and least == min(self._met.values(), default=0))
        )


def _plain(name: str) -> str:
    """Without what changes from write to write: process ids, times."""
    return re.sub(r"\d+", "#", name)
