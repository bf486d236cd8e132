"""What a run that is under way has sampled so far, for whoever looks at its host meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet_stress.observe import sample_file

#: So many points tell a person how a curve goes, in one line of a terminal.
POINTS = 40


def curves(evidence: Path) -> list[dict[str, Any]]:
    """For each scenario below this folder that takes samples: its name, and how RSS went, newest last.

    ``hours`` and ``cycles`` (of the newest start) until now; ``rss``: bytes, the largest of equal parts of the samples.
    """
    found = []
    for folder in sorted(evidence.glob("*/")):
        try:
            samples = sample_file.read(folder)
        except OSError:
            continue
        rss = [sample["rss"] for sample in samples if sample["rss"] is not None]
        if rss:
            newest = samples[-1]
            found.append(
                {
                    "scenario": folder.name,
                    "hours": round(newest["at"] / 3600, 3),
                    "cycles": int(newest["cycles"]),
                    "rss": _largest(rss),
                }
            )
    return found


def _largest(values: list[float]) -> list[int]:
    parts = min(POINTS, len(values))
    bounds = [part * len(values) // parts for part in range(parts + 1)]
    return [int(max(values[begin:end])) for begin, end in zip(bounds, bounds[1:])]
