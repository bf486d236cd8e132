"""With which settings the bot was started: what a scenario asks of it, in the words of its profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fleet_controller.report.page.seen import Start

#: So many different settings are told.
MOST = 8


def settings(starts: Sequence[Start]) -> list[dict[str, Any]]:
    """For all different ones: of which ``starts`` (numbers), and ``pairs`` of a name and a value."""
    found: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for start in starts:
        if start.settings:
            found.setdefault(start.settings, []).append(start.n)
    return [{"starts": numbers, "pairs": pairs} for pairs, numbers in list(found.items())[:MOST]]
