"""A recording of the bot, as its visit left it in the evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress.faults import UNDER_VISITS
from fleet_stress.scenario.crash_points import cycles, operations
from fleet_stress.scenario.crash_points.compare import Recorded
from fleet_stress.scenario.early_end import ArenaFailed


def read(evidence: Path, folders: Sequence[str], marker: str) -> Recorded:
    """The operations on these folders of the bot, and where its cycles end. Raises ArenaFailed, and OSError.

    ``evidence`` is the recording's own; ``marker`` the file that marks the end of a cycle (``state/health.json``),
    empty where there is none.
    """
    seen = json.loads((evidence / "evidence.json").read_text(encoding="utf-8"))
    if seen["error"]:
        raise ArenaFailed(f"the recording: {seen['error']}")
    try:
        done = operations.read({name: evidence / f"{UNDER_VISITS}-{name}.jsonl" for name in folders})
    except operations.Cut as problem:
        raise ArenaFailed(
            f"the recording is too long to be gone through: {problem}; record fewer cycles"
        ) from problem
    return Recorded(done, _ends(done, seen, marker))


def _ends(done: Sequence[operations.Operation], seen: Mapping[str, Any], marker: str) -> list[int]:
    """By the file that marks them, where that agrees with what was counted; else by the clock.

    On a slow host ends go unseen, and only their number is known: then by the pauses.
    """
    counted = seen["starts"][0]["cycles"] if seen["starts"] else []
    total = int(counted[-1]["n"]) if counted else 0
    if "/" in marker:
        folder, _, path = marker.partition("/")
        ends = cycles.cycle_ends(done, folder, path)
        if total and len(ends) in (total, total + 1):  # one more: as the bot starts, or as it stops
            return ends[:total]
    # Both clocks run alike; that of the evidence began with the recording's arena.
    ends = cycles.ends_at(done, [seen["clock"] + float(entry["at"]) for entry in counted])
    return cycles.between_pauses(done, total) if len(ends) < total else ends
