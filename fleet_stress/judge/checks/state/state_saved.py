"""``state_saved``: progress up to the request to stop is on disk when the bot has stopped (3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case, asked_by, stop_signal
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.roles import NO_NUMBERS, Role


class StateSaved(Check):
    """A finding for each number that is lower after a stop than it was seen before."""

    title = "progress is on disk after a stop"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        if not any(role.never_back for role in case.roles):
            yield self.skipped("state", NO_NUMBERS)
            return
        compared = 0
        for start in case.chosen_starts("signalled"):
            signal = stop_signal(start) or {"signal": "?", "at": 0.0}
            for role in (role for role in case.roles if role.never_back):
                if case.unread(start["after"], role.key):
                    reason = f"{role.key} could not be read after start {start['n']}"
                    yield self.not_exercised(role.key, reason)
                    continue
                known = _reached(case, start, role, float(signal["at"]))
                saved = case.numbers(start["after"], role)
                compared += sum(1 for value in known.values() if value > 0)
                for name, value in known.items():
                    if saved.get(name, -1.0) < value:
                        now = f"{saved[name]:g}" if name in saved else "gone"
                        reason = (
                            f"{role.key}: {name} had reached {value:g} before {asked_by(signal)}"
                            f" of start {start['n']} and is {now} after its exit"
                        )
                        yield self.failed(f"{role.key}:{name}", reason, start=start["n"])
        if not compared:
            reason = "no number that may never go back had risen before the bot was asked to stop"
            yield self.not_exercised("state", reason)


def _reached(case: Case, start: Mapping[str, Any], role: Role, until: float) -> dict[str, float]:
    """The last numbers seen of a file before a moment of a start."""
    known: dict[str, float] = {}
    for look in case.seen(role.key, start["n"]):
        if look["at"] <= until:
            known.update(look["fields"])
    return known
