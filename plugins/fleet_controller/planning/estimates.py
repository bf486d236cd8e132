"""How long a plan takes, from its own estimates: the whole of it, and what is left. Seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: From so many ended scenarios on, their real times say how far the estimates are off.
_ENOUGH = 3
#: What has used up its estimate probably needs so much of its time again.
_OVERDUE = 0.1


def estimate(scenarios: Sequence[Mapping[str, Any]], bots_at_once: int) -> float:
    """About how long these take, in seconds: those that want the host alone one by one, the rest side by side."""
    alone = [scenario for scenario in scenarios if scenario["exclusive"] or scenario["baseline"]]
    beside = [scenario for scenario in scenarios if scenario not in alone]
    longest = max((float(item["estimate"]) for item in beside), default=0.0)
    work = sum(float(item["estimate"]) * min(int(item["weight"]), bots_at_once) for item in beside)
    return sum(float(item["estimate"]) for item in alone) + max(longest, work / bots_at_once)


def left(
    scenarios: Iterable[Mapping[str, Any]],
    bots_at_once: int,
    ended: Mapping[str, float],
    running: Mapping[str, float],
) -> float:
    """About how long it takes until all have ended, in seconds.

    Args:
        scenarios: Of the plan.
        bots_at_once: So many bots side by side.
        ended: By name, the seconds that it really took.
        running: By name, for how many seconds it has been running.
    """
    known = list(scenarios)
    waiting = []
    for scenario in known:
        if scenario["id"] not in ended and not scenario["skip"]:
            whole = float(scenario["estimate"])
            begun = running.get(scenario["id"], 0.0)
            rest = max(whole - begun, _OVERDUE * max(whole, begun))
            waiting.append({**scenario, "estimate": rest})
    return estimate(waiting, bots_at_once) * _slower(known, ended)


def _slower(scenarios: Sequence[Mapping[str, Any]], ended: Mapping[str, float]) -> float:
    """By how much this host is slower than the estimates. One that is faster may have skipped what takes long."""
    pairs = [
        (ended[scenario["id"]], float(scenario["estimate"]))
        for scenario in scenarios
        if ended.get(scenario["id"], 0.0) > 0
    ]
    thought = sum(second for _, second in pairs)
    if len(pairs) < _ENOUGH or thought <= 0:
        return 1.0
    return max(1.0, sum(first for first, _ in pairs) / thought)
