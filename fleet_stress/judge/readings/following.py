"""Numbers that follow the finished cycles: learnt from starts without a fault, held against what a kill left.

Jepsen holds what a client was told against what is there after the crash (jepsen.io/consistency). A bot tells no
client, so a finished cycle stands for the promise, and the baseline for what it is worth. A number that does not rise
by the same amount in each cycle promises nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.readings import endings
from fleet_stress.judge.readings.freshness import GRAIN
from fleet_stress.judge.roles import Role

_Start = Mapping[str, Any]
#: Relative: numbers are floats here.
_SAME = 1e-9


def learnt(case: Case) -> dict[str, float]:
    """What one finished cycle adds to each number that follows them, by ``KEY:NUMBER``.

    Every start must say the same, and there must be two of them: one begins with the number that another has left.
    """
    found = {}
    for role in case.roles:
        for name in role.never_back:
            worth = {_worth(case, start, role, name) for start in case.starts[1:]} - {None}
            if len(worth) == 1:
                [each] = worth
                if each and each > 0 and follows(case, case.starts, role, name, each):
                    found[f"{role.key}:{name}"] = each
    return found


def unsaved(case: Case, start: _Start, role: Role, name: str, each: float) -> int:
    """How many finished cycles a killed start had not saved: the number lacks them, and its file is as old.

    A number that lags behind in a file that was rewritten did not follow the cycles; a file that is old and lacks
    nothing had nothing to be rewritten for. ``each``: what a cycle adds.
    """
    cycles = finished(start)
    info = case.after(start).get(role.key)
    if info is None:
        return cycles if not case.numbers(start["before"], role) else 0
    saved = case.numbers(start["after"], role).get(name)
    bases = _bases(case, start, role, name)
    if saved is None or not bases:
        return 0
    lacking = min(cycles - at_cycle - (saved - value) / each for value, at_cycle in bases)
    written = max(
        (cycle["n"] for cycle in start["cycles"] if cycle["wall"] <= info["mtime"] + GRAIN), default=0
    )
    return max(0, min(int(lacking + _SAME), cycles - written))


def follows(case: Case, starts: Iterable[_Start], role: Role, name: str, each: float) -> bool:
    """Whether the number follows the cycles in these starts: all that were not killed say so, and there is one.

    It does not where the bot gets back what it lost, or keeps only so many orders.
    """
    ended = [start for start in starts if endings.in_its_own_way(case, start) and start["cycles"]]
    return bool(ended) and all(_agrees(case, start, role, name, each) for start in ended)


def finished(start: _Start) -> int:
    """Cycles that were seen finished before the kill; of a start that was not killed, all of them."""
    killed = [int(sent["after_cycles"]) for sent in start["signals"] if sent["signal"] == "KILL"]
    seen = int(start["cycles"][-1]["n"]) if start["cycles"] else 0
    return min([seen, *killed])


def _agrees(case: Case, start: _Start, role: Role, name: str, each: float) -> bool:
    saved = case.numbers(start["after"], role).get(name)
    if saved is None:
        return False
    # Where the first look stands for what was there before, it may also have come before the first cycle ended.
    return any(
        _same(saved - value, each * cycles)
        for value, at_cycle in _bases(case, start, role, name)
        for cycles in (finished(start) - at_cycle, finished(start))
    )


def _worth(case: Case, start: _Start, role: Role, name: str) -> float | None:
    had, has = (case.numbers(start[when], role).get(name) for when in ("before", "after"))
    if had is None or has is None or not finished(start) or not endings.in_its_own_way(case, start):
        return None
    return (has - had) / finished(start)


def _bases(case: Case, start: _Start, role: Role, name: str) -> list[tuple[float, int]]:
    """What the number may have been before a start, or was at the first look at it; and after how many cycles that was.

    Of a file that was not there, nobody knows whether it began with zero, and it may have been saved but once.
    """
    had = case.numbers(start["before"], role).get(name)
    if had is not None:
        return [(had, 0)]
    looks = (look["fields"][name] for look in case.seen(role.key, start["n"]) if name in look["fields"])
    first = [(float(value), 1) for value in itertools.islice(looks, 1)]
    return first if role.key in case.before(start) else [*first, (0.0, 0)]


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME * max(abs(one), abs(other), 1.0)
