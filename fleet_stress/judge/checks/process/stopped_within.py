"""``stopped_within``: from SIGTERM or SIGINT to the exit takes no longer than the profile allows (3.1, 3.2).

The stress plan looks at the exit code alone; a bot that first sleeps its interval to the end would pass. A bot has
ended when the last of its processes has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case, asked_by, stop_signal
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings


class StoppedWithin(Check):
    """At most one finding, about the slowest exit."""

    title = "the bot stops in time when asked"
    timed = from_signal = True
    arguments = {
        "seconds": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": "Limit in seconds; the profile's stop_within by default.",
        }
    }
    short = "seconds"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        limit = _limit(case, arguments)
        slowest = _slowest(case)
        if slowest is None:
            yield self.not_exercised("stop", "no SIGTERM or SIGINT was sent")
            return
        start, signal = slowest
        seconds = _seconds(start, signal)
        if seconds > limit:
            took = "never ended by itself" if seconds == float("inf") else f"took {seconds:.1f} s to end"
            reason = f"start {start['n']} {took} after {asked_by(signal)}; the limit is {limit:g} s"
            yield self.failed("stop", reason, start=start["n"])

    def seen(self, case: Case, arguments: Arguments) -> str | None:
        """The slowest exit, and the limit."""
        slowest = _slowest(case)
        return slowest and f"{_seconds(*slowest):.1f} s; the limit is {_limit(case, arguments):g} s"


def _limit(case: Case, arguments: Arguments) -> float:
    return float(arguments.get("seconds", case.bot["stop_within"]))


def _slowest(case: Case) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """The start that took longest to end, and the signal that asked it to."""
    signalled = [(start, stop_signal(start)) for start in case.starts]
    asked = [(start, signal) for start, signal in signalled if signal]
    return max(asked, key=lambda pair: _seconds(*pair), default=None)


def _seconds(start: Mapping[str, Any], signal: Mapping[str, Any]) -> float:
    ended = start["exit"]
    if ended is None or ended["by"] == "engine":
        return float("inf")
    return float(ended.get("all_gone_at") or ended["at"]) - float(signal["at"])
