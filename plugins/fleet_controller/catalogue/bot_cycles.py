"""How a profile says what a cycle of its bot is: filled in, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.catalogue.located_yaml import Document
from fleet_controller.messages.errors import Problem

#: A cycle of a bot whose pace nobody told us, in seconds.
UNKNOWN_PACE = 60.0


def filled(value: Mapping[str, Any]) -> dict[str, Any]:
    """``cycle`` and ``cycle_seconds`` of a profile ``value`` with what it does not say.

    A bot whose interval cannot be set has a pace of its own. Perhaps its exchange gives it: then an outage stops it.
    """
    own_pace = "scan_interval" not in value.get("settings", {})
    cycle = {"counts": "since_start", "driven_by": "feed" if own_pace else "interval", **value["cycle"]}
    seconds = {"cycle_seconds": UNKNOWN_PACE} if own_pace and "cycle_seconds" not in value else {}
    return {"cycle": cycle, **seconds}


def contradictions(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """Totals are numbers: lines are counted by us."""
    if bot["cycle"]["counts"] == "in_total" and "line" in bot["cycle"]:
        why = "lines are counted from each start on"
        yield Problem(
            "`counts` counts nothing", document.where(("cycle", "counts"), key=True), why, "take it out"
        )
