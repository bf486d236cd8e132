"""What the checks about a lost network share: when it was lost, and where the bot said its data came from meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.observe import pace
from fleet_stress.observe.evidence import written_at
from fleet_stress.store.contract import OUTAGES


class Window(NamedTuple):
    """From when to when the network was gone, in seconds since the scenario began."""

    fault: str
    at: float
    until: float
    #: What a wait for the bot to notice it saw: ``at``, null if it came to nothing; None: nobody waited for that.
    noticed: Mapping[str, Any] | None = None
    #: When applying began: from then to ``at`` nobody knows whether it was gone.
    began: float = 0.0

    @property
    def waited(self) -> float:
        """How long the bot had to notice it, in seconds."""
        if self.noticed and self.noticed["at"] is None:
            return float(self.noticed["waited"])
        return self.until - self.at


class SourceWord(NamedTuple):
    """Where the bot said at a moment that its data came from. It was written then, and may have been seen later."""

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
            fault.get("noticed"),
            float(fault["at"]),
        )
        for fault in case.evidence["faults"]
        if fault["fault"] in OUTAGES and fault["applied"] and fault["bit"]
    ]


def patience(case: Case) -> float:
    """How long the bot has to notice that it was cut off, or no longer is, before it is blamed for not saying so."""
    return pace.patience(case.bot, case.evidence)


def watched_until(case: Case, window: Window) -> float:
    """When the time after an outage was over in which the bot could show that it came back."""
    ends = [float(case.evidence["seconds"])]
    ends += [float(signal["at"]) for start in case.starts for signal in start["signals"]]
    ends += [float(start["exit"]["at"]) for start in case.starts[-1:] if start["exit"]]
    ends += [later.at for later in windows(case) if later.at > window.at]
    return min((end for end in ends if end > window.until), default=window.until)


def sources(case: Case) -> list[SourceWord]:
    """What the bot said, in order; only what is ``live`` or ``mock`` in its profile's words."""
    profile = case.bot.get("data_source") or {}
    known = (profile.get("live"), profile.get("mock"))
    return [
        SourceWord(written_at(look), str(look["source"]))
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
