"""Files of which each finished cycle adds some, `orders/000017.json`: records and no litter, learnt from the baseline.

What a bot leaves behind by accident comes with a start or a kill, whatever the number of cycles; what it keeps comes
with the cycles. So its names must differ in numbers alone, starts of unlike length must each have added so many a
cycle, and nothing in a name may say that it is temporary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.readings import endings, following

_TEMPORARY = re.compile(r"(^|/)\.[^/]*$|te?mp|part|swp|lock|cache|bak|~", re.IGNORECASE)


def learnt(case: Case) -> dict[str, int]:
    """How many files each cycle adds, by what their names have in common (``state/orders/*.json``)."""
    starts = [start for start in case.starts if start["cycles"]]
    if not all(endings.in_its_own_way(case, start) for start in starts):
        return {}
    cycles = [following.finished(start) for start in starts]
    if len(set(cycles)) < 2 or min(cycles) < 2:
        return {}  # so many a cycle and so many a start look the same
    added = [_added(case, start) for start in starts]
    worth = {shape: {new.get(shape, 0) / of for new, of in zip(added, cycles)} for shape in added[0]}
    return {
        shape: int(next(iter(each)))
        for shape, each in worth.items()
        if len(each) == 1 and next(iter(each)).is_integer()
    }


def notes(case: Case) -> Iterator[str]:
    """For the baseline: which files were taken for records."""
    for shape, each in learnt(case).items():
        yield f"{shape}: each cycle adds {each}, so these files are taken for records: that they pile up is no failure"


def shape_of(key: str) -> str:
    """What keys that differ in their numbers alone have in common: ``state/orders/*.json``."""
    return re.sub(r"\d+", "*", key)


def _added(case: Case, start: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key in case.after(start).keys() - case.before(start).keys():
        shape = shape_of(key)
        if key.startswith("state/") and shape != key and not _TEMPORARY.search(key):
            found[shape] = found.get(shape, 0) + 1
    return found
