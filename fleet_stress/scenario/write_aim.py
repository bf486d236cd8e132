"""Which write a signal in mid-write should hit: that of the file that earlier signals hit least (row 3.4).

A bot saves its files in the same order, so the next write is nearly always that of the first file: ten kills
would hit it ten times, and the other files never.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: Cycles to wait for a file that was never hit, and then for one of those that were hit least.
PATIENCE = 2


class Aim:
    """Looks at the files that a held bot is writing and says whether that is the moment."""

    def __init__(self, starts: Iterable[Mapping[str, Any]], cycles: int) -> None:
        """``starts`` are those of the arena so far, ``cycles`` those that the running start has finished."""
        self._hits = Counter(
            _plain(name)
            for start in starts
            for signal in start["signals"]
            for name in signal.get("writing", ())
        )
        self._began = cycles

    def takes(self, writing: Sequence[str], cycles: int) -> bool:
        """Whether to take the moment in which these files are being written."""
        if not writing:
            return False
        least = min(self._hits[_plain(name)] for name in writing)
        passed = cycles - self._began
        return (
            least == 0
            or passed >= 2 * PATIENCE
            or (passed >= PATIENCE and least == min(self._hits.values(), default=0))
        )


def _plain(name: str) -> str:
    """Without what changes from write to write: process ids, times."""
    return re.sub(r"\d+", "#", name)
