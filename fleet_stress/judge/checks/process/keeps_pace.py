"""``keeps_pace``: cycles go on after the clock was stepped, and come no faster than they should (6.5).

A bot that sleeps until a time of day waits for an hour when the clock goes back; one that makes up for cycles that it
seems to have missed runs as fast as it can when the clock goes forward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import cycles as readings
from fleet_stress.judge.readings.outages import Window

_STEP, _CLOCK = "clock_step", "clock"
#: Cycles are a rush beyond this factor of what the interval allows, and some more.
_FACTOR, _SOME = 2.0, 2


class KeepsPace(Check):
    """A finding for each step of the clock after which cycles were missing, late, or too many."""

    title = "cycles go on at their pace after the clock was stepped"
    faults = (_STEP,)
    timed = True
    counts = True
    arguments = readings.ARGUMENTS
    required = ("cycles",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        windows = list(_windows(case))
        if not windows:
            yield self.not_exercised("cycles", "the bot's clock was never stepped")
        limit = float(arguments.get("longest_pause", float("inf")))
        for window, by in windows:
            when = f"after its clock was stepped by {by:+g} s"
            finished, longest = readings.finished_in(case.starts, window)
            if finished < arguments["cycles"]:
                reason = (
                    f"{finished} cycles were finished in the {window.until - window.at:.1f} s {when},"
                    f" where {arguments['cycles']} were expected"
                )
                yield self.failed("cycles", reason)
            if longest > limit:
                yield self.failed("pause", f"a pause of {longest:.1f} s {when}; the limit is {limit:g} s")
            rush = next(filter(None, (_rush(start, window) for start in case.starts)), None)
            if rush:
                yield self.failed("rush", f"{rush} {when}")


def _windows(case: Case) -> Iterator[tuple[Window, float]]:
    """From each step to the next one, or to the end of the clock fault; and by how much it was stepped."""
    end = float(case.evidence["seconds"])
    marks = [
        fault for fault in case.evidence["faults"] if fault["fault"] in (_STEP, _CLOCK) and fault["applied"]
    ]
    for mark in marks:
        if mark["fault"] == _STEP:
            at = float(mark.get("stands_from", mark["at"]))
            ends = [float(other["at"]) for other in marks if other["fault"] == _STEP]
            ends += [float(other["lifted_at"] or end) for other in marks if other["fault"] == _CLOCK]
            until = min((other for other in ends if other > at), default=end)
            yield Window(_STEP, at, until), float(mark["proof"].get("stepped_by", 0.0))


def _rush(start: Mapping[str, Any], window: Window) -> str | None:
    """A sentence where more cycles were finished between two looks than the interval between them allows."""
    interval = float(start["settings"].get("scan_interval") or 0.0)
    cycles = [cycle for cycle in start["cycles"] if window.at <= cycle["at"] <= window.until]
    if interval <= 0:
        return None
    for number, first in enumerate(cycles):
        for last in cycles[number + 1 :]:
            count, seconds = int(last["n"]) - int(first["n"]), float(last["at"]) - float(first["at"])
            if count > _FACTOR * seconds / interval + _SOME:
                return f"{count} cycles were finished within {seconds:.1f} s, where one is due every {interval:g} s,"
    return None
