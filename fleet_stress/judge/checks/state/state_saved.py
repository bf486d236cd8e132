"""``state_saved``: progress up to the request to stop is on disk when the bot has stopped (3.1, 3.2).

What was seen on disk before the request must still be there. And where a number follows the cycles
(``readings/following.py``), so must be what the finished cycles are worth: a bot that gathers orders in memory, and is
asked to stop before it has written any, has lost them without a number ever having gone back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case, asked_by, stop_signal
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import endings, following
from fleet_stress.judge.roles import NO_NUMBERS, Role
from fleet_stress.store.exit_words import exit_number, is_death


class StateSaved(Check):
    """A finding for each number that is lower after a stop than it was seen before, or lacks finished cycles."""

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
                promised = [name for name in role.never_back if _is_promised(case, start, role, name)]
                compared += sum(1 for value in known.values() if value > 0)
                compared += sum(1 for name in promised if name not in known)
                for name in dict.fromkeys([*known, *promised]):
                    value = known.get(name)
                    if value is not None and saved.get(name, -1.0) < value:
                        now = f"{saved[name]:g}" if name in saved else "gone"
                        reason = (
                            f"{role.key}: {name} had reached {value:g} before {asked_by(signal)}"
                            f" of start {start['n']} and is {now} after its exit"
                        )
                        yield self.failed(f"{role.key}:{name}", reason, start=start["n"])
                    elif name in promised and (lost := _lost(case, start, role, name)):
                        now = f"{saved[name]:g}" if name in saved else "not there"
                        reason = (
                            f"{role.key}: {name} is {now} after {asked_by(signal)} has ended start {start['n']}, which"
                            f" had finished {following.finished(start)} cycles: {lost} of them were not saved (by the"
                            f" baseline each adds {case.worth_of_a_cycle[f'{role.key}:{name}']:g})"
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


def _is_promised(case: Case, start: Mapping[str, Any], role: Role, name: str) -> bool:
    """Whether the number has to be as high as the finished cycles of a start make it.

    Not where a fault was active: cycles may then have been worth nothing.
    """
    ended = start["exit"]
    disturbed = any(
        fault["at"] < (ended or {}).get("at", 0.0)
        and (fault["lifted_at"] is None or fault["lifted_at"] > start["at"])
        for fault in case.evidence["faults"]
    )
    known = f"{role.key}:{name}" in case.worth_of_a_cycle
    return known and not disturbed and ended is not None and ended["by"] != "engine" and bool(start["cycles"])


def _lost(case: Case, start: Mapping[str, Any], role: Role, name: str) -> int:
    """Finished cycles that are not on disk, beyond the one in flight; 0: none.

    A bot that handles the signal has time to save. One that dies of it may lose as many as it says (``saved_every``).
    """
    lost = following.unsaved(case, start, role, name, case.worth_of_a_cycle[f"{role.key}:{name}"])
    ended = start["exit"]
    dies = is_death(ended) and exit_number(ended) in endings.named_codes(case)
    allowed = int(role.entry.get("saved_every", 1)) if dies else 1
    return lost if lost > allowed else 0
