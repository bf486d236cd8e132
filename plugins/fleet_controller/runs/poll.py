"""One poll of a host's run, believed only after looking: what a host prints is a stranger's text."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

from fleet_controller.untrusted.unpack import Hostile

#: A poll tells of some scenarios and their steps, in sentences. Characters, and lines.
LONGEST, MOST_LINES = 4_000_000, 10_000
#: A journal is far shorter. Bytes.
_FARTHEST = 2**50
#: What is said of each kind of news, and of which type. Other kinds are nothing to a watcher.
_NEWS: dict[str, dict[str, type]] = {
    "scenario_started": {"scenario": str},
    "step": {"who": str, "detail": str, "age": float},
    "scenario_ended": {"scenario": str, "row": str, "verdict": str, "reasons": list, "seconds": float},
    "operator": {"scenario": str, "asked": str},
}


class Poll(NamedTuple):
    """``news`` in order, where the next poll goes on, whether the run has its result, whether its supervisor lives."""

    news: list[dict[str, Any]]
    offset: int
    ended: bool
    alive: bool


def read(output: str, offset: int) -> Poll:
    """What a poll that began at ``offset`` printed. Raises Hostile. Its texts are not yet fit for a terminal."""
    if len(output) > LONGEST:
        raise Hostile(f"a poll of {len(output)} characters")
    lines = [line for line in output.splitlines() if line.startswith("{")]  # its login may greet before
    if not lines or len(lines) > MOST_LINES:
        raise Hostile(f"a poll of {len(lines)} lines")
    try:
        entries = [json.loads(line) for line in lines]
    except (ValueError, RecursionError) as problem:
        raise Hostile("a poll that is no JSON") from problem
    last = entries.pop()
    behind = last.get("offset")
    if last.get("what") != "poll" or not isinstance(behind, int) or isinstance(behind, bool):
        raise Hostile("a poll that does not say how far it came")
    # Where the host knows no such run it begins anew.
    if not (behind == 0 or offset <= behind <= _FARTHEST):
        raise Hostile(f"a poll that goes from {offset} to {behind}")
    news = [_checked(entry) for entry in entries if str(entry.get("what")) in _NEWS]
    return Poll(news, behind, last.get("ended") is True, last.get("alive") is True)


def _checked(entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry["what"]
    found: dict[str, Any] = {"what": kind}
    for name, wanted in _NEWS[kind].items():
        value = entry.get(name)
        if wanted is float:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
                raise Hostile(f"`{kind}` without `{name}`")
            value = float(value)
        if wanted is list and isinstance(value, list):
            value = [str(item) for item in value]
        if not isinstance(value, wanted):
            raise Hostile(f"`{kind}` without `{name}`")
        found[name] = value
    return found


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:  # whole numbers of JSON have no end
        return False
