"""The run at a glance: how much of it came to what, and which rows took longest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_controller.messages.text import duration, plain
from fleet_controller.report.run_summary import counts_of_run
from fleet_controller.runs.host_result import has_result
from fleet_controller.runs.verdict_counts import RUNNING, WAITS, WORDS

#: Width of the bar, in its own units; rows that are told.
_WIDTH, SLOWEST = 1_000.0, 10
_SHOWN = (*WORDS, RUNNING, WAITS)


def shares(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The bar of verdicts: ``word``, ``count``, and from where (``x``) it is how wide (``width``)."""
    counts = counts_of_run(results)
    total, x = sum(counts.get(word, 0) for word in _SHOWN), 0.0
    found = []
    for word in _SHOWN:
        if count := counts.get(word, 0):
            width = _WIDTH * count / total
            found.append({"word": word, "count": count, "x": round(x, 2), "width": round(width, 2)})
            x += width
    return found


def slowest(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that took longest on any host, and where: ``row``, ``scenario``, ``host``, ``took``, ``mean``."""
    found: dict[str, list[tuple[float, str, Mapping[str, Any]]]] = {}
    for name, host in results["hosts"].items():
        for entry in host["scenarios"] if has_result(host) else ():
            if entry["seconds"] > 0:
                found.setdefault(entry["scenario"], []).append((entry["seconds"], plain(name, 200), entry))
    longest = sorted((max(some, key=lambda one: one[0]) for some in found.values()), key=lambda one: -one[0])
    return [
        {
            "row": entry["row"],
            "scenario": entry["scenario"],
            "title": entry["title"],
            "host": host,
            "took": duration(seconds),
            "mean": duration(sum(one[0] for one in found[entry["scenario"]]) / len(found[entry["scenario"]])),
        }
        for seconds, host, entry in longest[:SLOWEST]
    ]
