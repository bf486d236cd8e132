"""What the checks about a lost network share: when it was lost, and where the bot said its data came from meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fleet_stress.judge.case import Case

#: Faults that cut the bot off from its hosts or from valid answers. ``unplugged``: the operator pulled the cable.
FAULTS = (
    "network_block",
    "network_cut",
    "dead_proxy",
    "bad_exchange",
    "bad_certificate",
    "bad_dns",
    "unplugged",
)


class Window(NamedTuple):
    """From when to when the network was gone, in seconds since the scenario began."""

    fault: str
    at: float
    until: float


class SourceWord(NamedTuple):
    """Where the bot said at a moment that its data came from."""

    at: float
    source: str


def windows(case: Case) -> list[Window]:
    """When the bot's hosts could not be reached; to the end of the scenario where the fault was never reverted.

    A fault that did not take effect took nothing away: a bot that uses no proxy stays live behind a broken one.
    """
    end = float(case.evidence["seconds"])
    return [
        Window(
            fault["fault"],
            float(fault.get("stands_from", fault["at"])),
            float(end if fault["lifted_at"] is None else fault["lifted_at"]),
        )
        for fault in case.evidence["faults"]
        if fault["fault"] in FAULTS and fault["applied"] and fault["bit"]
    ]


def sources(case: Case) -> list[SourceWord]:
    """What the bot said, in order; only what is ``live`` or ``mock`` in its profile's words."""
    profile = case.bot.get("data_source") or {}
    known = (profile.get("live"), profile.get("mock"))
    return [
        SourceWord(float(look["at"]), str(look["source"]))
        for look in case.evidence["observations"]
        if look.get("source") in known and look.get("source") is not None
    ]


def texts(case: Case) -> Iterator[tuple[str, str]]:
    """Whatever the bot printed and logged over all its starts, by the name of its evidence."""
    for start in case.starts:
        for stream in ("stdout", "stderr"):
            yield start[stream], case.text(start[stream])
    for start in case.starts[-1:]:
        for key in case.text_logs(start):
            yield f"{start['after']}/{key}", case.end_of(start["after"], key).decode("utf-8", "replace")
