"""What the engine and the controller agree on: the controller plans with the same numbers that the engine keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Where a bot may report its cycles besides its own files: the output of a start, in the evidence.
OUTPUTS = ("stdout", "stderr")
#: Faults that cut a bot off from its hosts or from valid answers. ``unplugged``: the operator pulled the cable.
OUTAGES = (
    "network_block",
    "network_cut",
    "dead_proxy",
    "bad_exchange",
    "bad_certificate",
    "bad_dns",
    "unplugged",
)
#: How long an arena may take to be made and removed. Seconds.
ARENA_WITHIN = 180.0
#: A file in the archive of a run: the longest path, and the longest name in it, that the controller takes. Bytes.
PATH_BYTES, NAME_BYTES = 1_000, 255


def ends_within(bot: Mapping[str, Any]) -> float:
    """Seconds after a signal that a bot of this profile has to end: its own ``stop_within``, generously."""
    return 3 * float(bot["stop_within"]) + 30


def notices_within(bot: Mapping[str, Any], slowest_cycle: float) -> float:
    """Seconds in which a bot of this profile has to notice that it was cut off, or that it can reach its hosts again.

    Its own time-outs take as long as its profile says. Then it still has to finish a cycle, which takes as long as one
    did here before (``slowest_cycle``): on a slow host longer.
    """
    return float(bot.get("notices_within") or bot.get("first_cycle_within", 60.0)) + 3 * slowest_cycle
