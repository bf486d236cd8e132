"""What we did to a bot, and what we could not see of it, as the evidence has it (principle 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.store.contract import OUTPUTS

#: A bot that waited for a processor for a larger share of its time had too little of the host to be judged by a clock.
MOST_KEPT_WAITING = 0.75
#: Faults that take a bot's files away from it, and so from us: its folder is full, gone, or cannot be written.
_TAKE_FILES = ("fill", "read_only", "vanish")
#: Faults that take processor time away: then that is what the row is about.
_TAKE_PROCESSORS = ("cpu_quota", "throttle")
_COUNTING = ("first_cycle", "cycles", "more_cycles")


def waited_for_cycles(case: Case) -> bool:
    """Whether the step that cut a scenario short counted cycles."""
    step = _step(case.scenario.get("steps", ()), case.evidence["steps"][-1]["path"].split("."))
    return bool(step) and step["verb"] == "wait" and step["args"]["until"] in _COUNTING


def _step(steps: Sequence[Mapping[str, Any]], path: Sequence[str]) -> Mapping[str, Any]:
    """A step by its path in the evidence: ``5.3.2`` is step 5, its third round, step 2 there."""
    number, *rest = path
    step = steps[int(number) - 1] if int(number) <= len(steps) else {}
    if not rest or not step:
        return step
    return _step(step["args"].get("steps", ()), rest[1:] if step["verb"] == "repeat" else rest)


def stream_taken_away(case: Case) -> str | None:
    """A sentence where a fault took away by what cycles are counted: the output, or the file that tells them.

    Not where they were counted by a state file meanwhile (``counted_by``).
    """
    if any(start.get("counted_by") for start in case.starts):
        return None
    counted = case.bot["cycle"]["file"]
    for fault in case.took_effect("dead_output", *_TAKE_FILES):
        if fault["fault"] == "dead_output":
            taken = counted == OUTPUTS[0]
        else:
            folder = fault["args"].get("folder", fault["proof"].get("folder", "state"))
            taken = counted not in OUTPUTS and case.role(counted).key.startswith(f"{folder}/")
        if taken:
            return f"{fault['fault']} took away {counted}, by which cycles are counted"
    return None


def held_up(case: Case) -> str | None:
    """A sentence where our wait ended while our slow disk held the bot up.

    It had the rest of the time for itself. That has to be as much as its profile allows for its first cycle: a bot that
    hangs on a slow disk asks nothing more of it, and is held up no longer.
    """
    last = case.evidence["steps"][-1] if case.evidence["steps"] else {"outcome": "done"}
    slow = case.took_effect("slow_disk")
    held = sum(float(fault["proof"].get("delayed_seconds") or 0.0) for fault in slow)
    if last["outcome"] != "timeout" or not held:
        return None
    own = float(last["seconds"]) - held
    if own >= float(case.bot.get("first_cycle_within", 60.0)):
        return None
    return f"slow_disk held it up for {held:.0f} s, and we waited for {last['seconds']:.0f} s"


def kept_waiting(case: Case, start: Mapping[str, Any], *, to_stop: bool = False) -> str | None:
    """A sentence where the host had too little processor time for a start to be judged by a clock.

    ``to_stop``: the clock runs from a signal. A bot that sleeps most of its time may wait for all of that one.
    """
    if case.took_effect(*_TAKE_PROCESSORS):
        return None
    seen = start.get("processor") or {}
    whole, last = seen.get("kept_waiting") or 0.0, seen.get("kept_waiting_to_stop") or 0.0
    if whole > MOST_KEPT_WAITING:
        when, share = "", whole
    elif to_stop and last > MOST_KEPT_WAITING:
        when, share = " since its last signal", last
    else:
        return None
    return f"the host was slow: start {start['n']} waited for a processor for {share:.0%} of its time{when}"
