"""Steps within other steps of a plan, so that no look through a scenario misses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: By verb: arguments that hold steps.
_HOLD = {"repeat": ("steps",), "visit": ("under", "then")}
#: The fault that every visit uses.
_UNDER_VISITS = "faulty_fs"


def all_steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """All steps, each before those within it; also the fault that a ``visit`` applies, as a step."""
    for step in steps:
        yield step
        if step["verb"] == "visit":
            rules = [{"on": ["any"], "at": 1, **answer} for answer in step["args"]["answers"]]
            arguments = {"folder": step["args"]["folder"], "rules": rules}
            yield {"verb": "fault", "args": {"fault": _UNDER_VISITS, "args": arguments}}
        for name in _HOLD.get(step["verb"], ()):
            yield from all_steps(step["args"][name])
