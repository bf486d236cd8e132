"""A step in a few words, for the journal, the page and the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOLD = {
    "live": "the bot's data to be live",
    "noticed": "the bot to notice that it is cut off",
    "live_again": "the bot's data to be live again",
}


def summary(verb: str, arguments: Mapping[str, Any]) -> str:
    """``send SIGKILL``, ``wait for cycle 3``: of a step of a plan."""
    if verb == "signal":
        return f"send SIG{arguments['signal']}"
    if verb in ("fault", "lift"):
        return f"{verb} {arguments['fault']}"
    if verb == "command":
        return f"command {arguments['argv'][0]}"
    if verb == "visit":
        return "visit the points of a cycle"
    if verb == "probe":
        return f"probe {arguments['page']}"
    if verb == "wait":
        return f"wait for {_event(arguments)}"
    return verb


def _event(arguments: Mapping[str, Any]) -> str:
    until, cycles = arguments["until"], arguments.get("cycles")
    if until == "cycles":
        return f"cycle {cycles}"
    if until == "more_cycles":
        return f"{cycles} more cycles"
    if until == "samples":
        return f"{cycles} more samples"
    if until in _TOLD:
        return _TOLD[until]
    if until == "met":
        return f"the bot to hit the fault {cycles} times"
    return str(until or arguments["then"]).replace("_", " ")
