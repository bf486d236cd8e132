"""What the field that counts cycles held when a start began: an earlier start has left it there.

A file may change before the first cycle of a start: opening a database makes files beside it, a bot may save what it
has loaded. Its field then tells of an earlier start still.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class _Held(NamedTuple):
    value: float
    wall: float


class CountedBefore:
    """How many cycles of this start a value of the field tells of."""

    def __init__(self, in_total: bool) -> None:
        """``in_total``: the field counts the cycles of all starts together."""
        self.in_total = in_total
        #: None: that could not be read.
        self._value: float | None = 0.0 if in_total else None
        self._content: bytes | None = None
        self._held: _Held | None = None
        #: The last value of this start, and what is to be added to it because it began anew.
        self._last, self._more = 0.0, 0.0

    def begin_start(self, value: float | None, content: bytes | None, *, first: bool) -> None:
        """A start begins: what the field holds, what its file holds, and whether the arena has had no start before."""
        self._value = value or 0.0 if self.in_total and first else value
        self._content, self._held = content, None
        self._last, self._more = 0.0, 0.0

    def since_start(
        self, value: float, content: bytes | None, wall: float, *, database: bool
    ) -> float | None:
        """The cycles that this start has finished by a value of the field; None: it tells of no cycle of it yet.

        ``wall``: the time of the file that holds it, with ``content``.
        """
        if self.in_total:
            if self._value is None or value < self._value:
                self._value = value - 1  # it began anew, or from a backup: this is one cycle
            return value - self._value
        if self._is_left(value, content, database):
            self._held = _Held(value, wall)
            return None
        self._value = None  # from now on the field is this start's
        if (
            value < self._last
        ):  # of a worker that its master has started again, or from a backup: one cycle more
            self._more += self._last + 1 - value
        self._last = value
        return value + self._more

    def _is_left(self, value: float, content: bytes | None, database: bool) -> bool:
        # The first cycle of a start may well leave the number that one cycle has left before.
        return value == self._value and (value > 1 or (database and content == self._content))

    def at_the_end(self, start: dict[str, Any]) -> _Held | None:
        """Of a start that has ended: what was taken for an earlier one's, and is what this start was to finish.

        Its cycles may have come too fast to be seen before the last one.
        """
        asked = start.get("settings", {}).get("max_cycles")
        return self._held if start.get("exit") and self._held and self._held.value == asked else None
