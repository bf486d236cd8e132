"""What a check is: evidence in, findings out. A check never looks at the host, so it can be run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.store.verdict import Finding

NO_ARGUMENTS: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}


class Check(NamedTuple):
    """One check. ``arguments`` is the JSON Schema of what a scenario may say to it."""

    name: str
    title: str
    judge: Callable[[Case, Mapping[str, Any]], Iterable[Finding]]
    arguments: Mapping[str, Any] = NO_ARGUMENTS
    #: The argument that a bare value stands for: ``exit_code: finished``.
    short: str | None = None


def of_file(description: str) -> Mapping[str, Any]:
    """The arguments of a check that is about one file."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["file"],
        "properties": {"file": {"type": "string", "description": description}},
    }
