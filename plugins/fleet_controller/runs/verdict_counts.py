"""How many rows came to what, in words: everywhere in the same order."""

from __future__ import annotations

from collections.abc import Mapping

from fleet_controller.runs.host_result import UNREACHABLE
from fleet_stress.store.verdict import ERROR, FAILED, KNOWN, NOT_EXERCISED, PASSED, SKIPPED

#: The verdicts of a run's results, in the order that they are counted in.
WORDS = (PASSED, KNOWN, FAILED, NOT_EXERCISED, SKIPPED, ERROR)

#: What a row has in the place of a verdict while its run goes on.
RUNNING, WAITS = "running", "waits"


def counted(counts: Mapping[str, int]) -> str:
    """``8 passed, 1 failed``; of hosts also ``1 unreachable``."""
    return ", ".join(f"{counts[word]} {word}" for word in (*WORDS, UNREACHABLE) if counts.get(word))
