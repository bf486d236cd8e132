"""A bot that is not hit any more: it has finished so many cycles since, so waiting for more hits is in vain.

A feed that is dead asks for nothing. How many cycles are enough is for the scenario: as many as it watched before.
"""

from __future__ import annotations


class Quiet:
    """Follows hits and cycles of one wait."""

    def __init__(self, cycles: int | None, now: int) -> None:
        """``cycles``: so many without a hit are enough; None: a wait goes on until its deadline."""
        self._enough, self._hits, self._since = cycles, 0, now

    def look(self, hits: int, cycles: int) -> bool:
        """Whether the bot has finished enough cycles since its last hit; ``cycles`` since its start."""
        if hits != self._hits:
            self._hits, self._since = hits, cycles
        return self._enough is not None and cycles - self._since >= self._enough

    def told(self, hits: int) -> str:
        """In words."""
        return f"it was hit {hits} times, and not once in its last {self._enough} cycles"
