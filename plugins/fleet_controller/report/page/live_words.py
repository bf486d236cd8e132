"""What the page of a run that goes on says first, and of its hosts in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_controller.messages.text import number_of
from fleet_controller.runs.verdict_counts import RUNNING, WAITS, counted


def live_headline(results: Mapping[str, Any]) -> str:
    """``Running: 31 of 68 verdicts``."""
    counts, total = results["counts"], sum(results["counts"].values())
    return f"Running: {total - counts[RUNNING] - counts[WAITS]} of {number_of(total, 'verdict')}"


def live_summary(results: Mapping[str, Any]) -> str:
    """``30 passed, 1 failed, 4 running, 33 waiting on 2 hosts``."""
    counts = results["counts"]
    left = [
        f"{counts[word]} {said}" for word, said in ((RUNNING, RUNNING), (WAITS, "waiting")) if counts[word]
    ]
    told = ", ".join(filter(None, (counted(counts), *left)))
    return f"{told} on {number_of(len(results['hosts']), 'host')}"
