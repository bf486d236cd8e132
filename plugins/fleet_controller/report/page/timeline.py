"""The steps of a scenario on one line of time, with the bot's starts and the windows of faults: what to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from fleet_controller.report.page.seen import Fault, Seen, Start, Step

#: Steps that are drawn; of more the first few and the last, for a scenario ends where something went wrong.
STEPS, FIRST = 26, 4
#: Starts and their cycles that are drawn.
STARTS, CYCLES = 40, 150
#: What stood shorter than that is a moment, not a window. Share of the whole, seconds.
_MOMENT, _MOMENT_SECONDS = 0.002, 0.05
_T = TypeVar("_T")


def timeline(seen: Seen) -> dict[str, Any]:
    """What the page draws: ``seconds``, ``steps``, ``left_out`` (steps that are not there), ``starts``, ``faults``.

    Times are seconds since the scenario began, rounded to what can be seen.
    """
    steps, left_out = _bounded(seen.steps)
    return {
        "seconds": _shown(seen.seconds),
        "steps": [_step(step) for step in steps],
        "first": FIRST if left_out else len(steps),
        "left_out": left_out,
        "starts": [_start(start, seen.seconds) for start in seen.starts[-STARTS:]],
        "faults": [_fault(fault, seen.seconds) for fault in seen.faults[:STARTS]],
    }


def _bounded(steps: Sequence[Step]) -> tuple[list[Step], int]:
    if len(steps) <= STEPS:
        return list(steps), 0
    return [*steps[:FIRST], *steps[FIRST - STEPS :]], len(steps) - STEPS


def _step(step: Step) -> dict[str, Any]:
    known = {"n": step.path, "detail": step.detail, "at": _shown(step.at), "for": _shown(step.seconds)}
    # Nearly all of them are done, and a page has thousands.
    return known if step.outcome == "done" else {**known, "outcome": step.outcome}


def _start(start: Start, seconds: float) -> dict[str, Any]:
    return {
        "n": start.n,
        "at": _shown(start.at),
        "until": _shown(seconds if start.ended is None else start.ended),
        "ending": start.ending or "never seen to end",
        "bad": start.bad,
        "cycles": [_shown(item) for item in _every(start.cycles, CYCLES)],
        "signals": [[_shown(at), word] for at, word in start.signals[:CYCLES]],
    }


def _fault(fault: Fault, seconds: float) -> dict[str, Any]:
    until = seconds if fault.until is None else fault.until
    moment = until - fault.since <= max(_MOMENT_SECONDS, seconds * _MOMENT)
    return {
        "name": fault.name,
        "since": _shown(fault.since),
        "until": _shown(until),
        "moment": moment,
        "bit": fault.bit,
    }


def _every(values: Sequence[_T], most: int) -> list[_T]:
    """At most so many of them, evenly."""
    if len(values) <= most:
        return list(values)
    return [values[n * len(values) // most] for n in range(most)]


def _shown(seconds: float) -> float:
    return round(seconds, 2)
