"""A long scenario that was interrupted, taken up again: it keeps its samples and goes on with its newest start.

A reboot ends the bot, so its memory begins anew; what was sampled before still counts. The steps up to the start that
was interrupted are over; the time that this start has been sampled need not pass again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress.observe import sample_file
from fleet_stress.observe.evidence import Evidence
from fleet_stress.store import bounded_read
from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.deletion import remove_tree
from fleet_stress.store.errors import Damaged
from fleet_stress.store.sample_lines import SAMPLES

_Step = Mapping[str, Any]
#: Which start of the scenario the first one of each attempt is: beside the samples.
_ATTEMPTS = "attempts.json"
#: What can be taken up: with any other step, what was done before the interruption would be missing.
_VERBS = {"sample", "start", "wait", "signal"}


def can_be(scenario: Mapping[str, Any]) -> bool:
    """Whether a scenario asks for it (``resumes`` of its step ``sample``), and has no step that forbids it."""
    steps = scenario["steps"]
    asked = any(step["verb"] == "sample" and step["args"].get("resumes") for step in steps)
    return asked and {step["verb"] for step in steps} <= _VERBS


def clear(folder: Path, scenario: Mapping[str, Any]) -> None:
    """Remove what an interrupted attempt has left of its evidence; all but its samples, if they are still needed."""
    if not can_be(scenario) or not (folder / SAMPLES).is_file():
        remove_tree(folder)
        return
    for entry in folder.iterdir():
        if entry.name not in (SAMPLES, _ATTEMPTS):
            remove_tree(entry)


def rest(scenario: Mapping[str, Any], evidence: Evidence) -> Sequence[_Step]:
    """The steps that are left of a scenario; the evidence then goes on where it was interrupted. Raises OSError."""
    samples = sample_file.read(evidence.folder) if can_be(scenario) else []
    if not samples:
        return list(scenario["steps"])
    newest = max(int(sample["start"]) for sample in samples)
    attempts = _attempts(evidence.folder)
    first, at_first = next(pair for pair in reversed(attempts) if pair[0] <= newest)
    ordinal = at_first + newest - first
    mine = [sample for sample in samples if sample["start"] == newest and sample["cycles"] >= 1]
    passed = mine[-1]["at"] - mine[0]["at"] if mine else 0.0
    evidence.goes_on(_elapsed(samples), newest)
    write_atomic(evidence.folder / _ATTEMPTS, {"attempts": [*attempts, (newest + 1, ordinal)]})
    evidence.note(
        f"interrupted, and taken up again with its samples: start {newest} had been sampled for {passed:.0f} s"
    )
    return left(scenario["steps"], ordinal, passed)


def left(steps: Sequence[_Step], ordinal: int, passed: float) -> list[_Step]:
    """What precedes all starts, and what follows from this one on; so many seconds of its waiting have passed."""
    starts = [index for index, step in enumerate(steps) if step["verb"] == "start"]
    here = starts[min(ordinal, len(starts)) - 1]
    found = [*steps[: starts[0]], *steps[here:]]
    ends = next((index for index in starts if index > here), len(steps)) - here + starts[0]
    for index in range(ends - 1, starts[0], -1):
        args = found[index]["args"]
        if found[index]["verb"] == "wait" and args["then"]:
            found[index] = {"verb": "wait", "args": {**args, "then": max(0.0, args["then"] - passed)}}
            break
    return found


def _elapsed(samples: Sequence[Mapping[str, Any]]) -> float:
    """Seconds since the scenario began. The wall clock has run while the host was down; it may have been set since."""
    at = float(samples[-1]["at"])
    by_clock = time.time() - (float(samples[-1]["wall"]) - at)
    return max(by_clock, at + 1.0)


def _attempts(folder: Path) -> list[tuple[int, int]]:
    try:
        known = bounded_read.document(folder / _ATTEMPTS)["attempts"]
        return [(1, 1), *((int(first), int(ordinal)) for first, ordinal in known if first > 1)]
    except (OSError, Damaged, KeyError, ValueError, TypeError):
        return [(1, 1)]
