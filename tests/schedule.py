"""Which tests run one after the other in one worker of xdist, and which start first.

A mark `xdist_group` says the same, but pytest 9.2 has no node id any more that xdist 3.8 could write it into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from xdist.scheduler.loadscope import LoadScopeScheduling

#: Files, or folders, whose tests share something that takes long to make: a lab, a provisioned host, a browser;
#: or import what takes long.
GROUPS = {
    "tests/chaos/": "chaos",
    "tests/documents/test_commands.py": "documents",
    "tests/lab/test_host_keys.py": "host_keys",
    "tests/lab/test_lab.py": "lab",
    "tests/lab/test_operate.py": "operate",
    "tests/lab/test_slices.py": "slices",
    "tests/page/": "page",
    "tests/play/test_bad_input.py": "host_1",
    "tests/play/test_compare.py": "host_2",
    "tests/play/test_dying_controllers.py": "host_1",
    "tests/play/test_fleet.py": "fleet",
    "tests/play/test_list.py": "host_1",
    "tests/play/test_mixed.py": "mixed",
    "tests/play/test_screen.py": "host_2",
    "tests/play/test_second_bot.py": "second_bot",
    "tests/play/test_targets.py": "host_2",
    "tests/unit/engine/judge/trend/test_against_others.py": "statistics",
}
#: A test or group of so many seconds starts before all others.
LONG = 20.0
#: So many seconds and more are mostly spent waiting.
WAITS = 1.0


class Schedule(LoadScopeScheduling):  # type: ignore[misc]
    """Each test by itself, to whichever worker is free; a group to one."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid


def group_of(nodeid: str) -> str | None:
    """The group of a test, if it is in one."""
    return _group_of_file(nodeid.partition("::")[0])


@cache
def _group_of_file(file: str) -> str | None:
    return next((group for start, group in GROUPS.items() if file.startswith(start)), None)


def longest_first(items: list[Any], seconds: Mapping[str, float]) -> None:
    """Sort pytest's items: groups and files of long tests, then the rest. ``seconds``: of one test, by file.

    Of the rest, those that take seconds mostly wait and the others mostly compute: they are mixed, so that a machine
    has both to do at any time. The last tenth has none that waits, so that all workers end together.
    """

    def alone(item: Any) -> float:
        return seconds.get(item.nodeid.partition("::")[0], 0.0)

    together: dict[str | None, float] = defaultdict(float)
    for item in items:
        together[group_of(item.nodeid)] += alone(item)

    def weight(item: Any) -> tuple[float, str]:
        group = group_of(item.nodeid)
        return (together[group], group) if group else (alone(item), "")

    by_weight = sorted(((weight(item), item) for item in items), key=lambda known: known[0], reverse=True)
    first = [item for (heavy, _), item in by_weight if heavy > LONG]
    waiting = [item for (heavy, _), item in by_weight if WAITS < heavy <= LONG]
    computing = [item for (heavy, _), item in by_weight if heavy <= WAITS]
    mixed = [(number / len(waiting) * 0.9, item) for number, item in enumerate(waiting)]
    mixed += [(number / len(computing), item) for number, item in enumerate(computing)]
    items[:] = first + [item for _, item in sorted(mixed, key=lambda place: place[0])]
