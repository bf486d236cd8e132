"""Limits that stood over a bot while it was sampled, for plots. Nothing in evidence is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_controller.report.page.seen import Seen, number
from fleet_stress.store import sizes

#: Quantities of samples that a limit of the arena on processes and threads is of.
_COUNTED = ("threads", "processes")


def limits(seen: Seen, checks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each has ``quantity`` (a key of samples), ``name``, ``value``, and from when to when it stood.

    ``since`` and ``until`` are in seconds since the scenario began; null: as long as the scenario took.
    """
    return [*_of_faults(seen), *_of_arena(seen), *_of_checks(seen, checks)]


def _of_faults(seen: Seen) -> Iterator[dict[str, Any]]:
    for fault in seen.faults:
        if fault.limit is not None:
            quantity, value = fault.limit
            yield _limit(quantity, fault.name, value, fault.since, fault.until)


def _of_arena(seen: Seen) -> Iterator[dict[str, Any]]:
    if seen.processes_limit is not None:
        for quantity in _COUNTED:
            yield _limit(quantity, "processes and threads together", seen.processes_limit)


def _of_checks(seen: Seen, checks: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """How far the log folder may grow in a start, above what it had in the first sample of it."""
    growths = [check["arguments"].get("growth") for check in checks if check["check"] == "bounded_size"]
    for start in seen.starts:
        own = [sample for sample in seen.samples if number(sample, "start") == start.n]
        first = next((found for sample in own if (found := number(sample, "log_bytes")) is not None), None)
        for growth in growths:
            try:
                most = sizes.in_bytes(growth)
            except (ValueError, TypeError, AttributeError):
                continue
            if first is not None:
                yield _limit("log_bytes", f"logs of start {start.n}", first + most, start.at, start.ended)


def _limit(
    quantity: str, name: str, value: float, since: float | None = None, until: float | None = None
) -> dict[str, Any]:
    return {"quantity": quantity, "name": name, "value": value, "since": since, "until": until}
