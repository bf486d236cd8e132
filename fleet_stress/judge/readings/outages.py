"""What the checks about a lost network share: when it was lost, and what the bot said of its data meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case

#: Faults that keep the bot from its hosts, or from what they have to say. ``unplugged``: by a person's hand.
FAULTS = (
    "network_block",
    "network_cut",
    "dead_proxy",
    "bad_exchange",
    "bad_certificate",
    "bad_dns",
    "unplugged",
)
_ROTATED = re.compile(r"\.\d+$")


class Window(NamedTuple):
    """From when to when the network was gone, in seconds since the scenario began."""

    fault: str
    at: float
    until: float


class Said(NamedTuple):
    """What the bot said of its data at a moment."""

    at: float
    source: str


def windows(case: Case) -> list[Window]:
    """When the bot's hosts could not be reached; to the end of the scenario where it was never lifted."""
    end = float(case.evidence["seconds"])
    return [
        Window(
            one["fault"],
            float(one.get("stands_from", one["at"])),
            float(end if one["lifted_at"] is None else one["lifted_at"]),
        )
        for one in case.evidence["faults"]
        if one["fault"] in FAULTS and one["applied"]
    ]


def sources(case: Case) -> list[Said]:
    """What the bot said, in order; only what is ``live`` or ``mock`` in its profile's words."""
    profile = case.bot.get("data_source") or {}
    known = (profile.get("live"), profile.get("mock"))
    return [
        Said(float(one["at"]), str(one["source"]))
        for one in case.evidence["observations"]
        if one.get("source") in known and one.get("source") is not None
    ]


def texts(case: Case) -> Iterator[tuple[str, str]]:
    """Whatever the bot printed and logged over all its starts, by the name of its evidence."""
    for start in case.starts:
        for stream in ("stdout", "stderr"):
            yield start[stream], case.text(start[stream])
    wanted = {role.key for role in case.roles if role.section == "logs" and role.format == "text"}
    for start in case.starts[-1:]:
        files: Mapping[str, Any] = case.after(start)
        for key in files:
            if _ROTATED.sub("", key) in wanted:
                content = case.content(start["after"], key) or b""
                yield f"{start['after']}/{key}", content.decode("utf-8", "replace")
