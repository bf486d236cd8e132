"""Steps within other steps of a plan, so that no look through a scenario misses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: By verb: arguments that hold steps.
_HOLD = {"repeat": ("steps",), "visit": ("under", "then"), "unless_logged": ("steps",)}


def all_steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """All steps, each before those within it."""
    for step in steps:
        yield step
        for name in _HOLD.get(step["verb"], ()):
            yield from all_steps(step["args"][name])
