"""``no_blind_progress``: without its exchange a bot claims nothing that only its exchange can give it (4.1, 4.3, 6.8).

Which numbers need an answer, a profile may say (``needs_exchange``). Of a bot that says neither that nor where its data
come from, all numbers that never go back are held against what was seen, where it did not say a word of the outage.
"""

from __future__ import annotations

from collections.abc import Iterator

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import outages
from fleet_stress.judge.roles import Role
from fleet_stress.observe.evidence import written_at
from fleet_stress.store.contract import OUTAGES

#: What was under way when the bot noticed may still be counted once; from the second time on it goes on.
_RISES = 2


class NoBlindProgress(Check):
    """A finding for each number that went on rising when no answer could come."""

    title = "numbers that need the exchange do not rise without it"
    faults = OUTAGES
    timed = True

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        windows = outages.windows(case)
        if not windows:
            yield self.not_exercised("numbers", "the network was never cut")
        found: dict[str, str] = {}
        for window in windows:
            for key, reason in _risen(case, window):
                found.setdefault(key, reason)
        for key, reason in found.items():
            yield self.failed(key, reason)


def _risen(case: Case, window: outages.Window) -> Iterator[tuple[str, str]]:
    declared = [(role, name) for role in case.roles for name in role.entry.get("needs_exchange", ())]
    at = window.noticed["at"] if window.noticed else None
    silent = window.noticed is not None and at is None
    patience = outages.patience(case)
    if at is None and window.waited < patience:
        return
    since = window.at + patience if at is None else float(at)
    numbers, how = declared, "and needs its exchange for that"
    if not declared and silent and not case.bot.get("data_source"):
        numbers = [(role, name) for role in case.roles for name in role.never_back]
        how = "and the bot said nothing of it"
    for role, name in numbers:
        values = _values(case, role, name, since, window.until)
        if sum(later > earlier for earlier, later in zip(values, values[1:])) >= _RISES:
            reason = (
                f"{role.key}: {name} went on rising, from {values[0]:g} to {values[-1]:g}, while {window.fault} was"
                f" active and no answer could come, {how}"
            )
            yield f"{role.key}:{name}", reason


def _values(case: Case, role: Role, name: str, since: float, until: float) -> list[float]:
    """A number as it was last written before a time, and each value that was written in it."""
    looks = [
        (written_at(look), look["fields"][name]) for look in case.seen(role.key) if name in look["fields"]
    ]
    return [value for at, value in looks if at <= since][-1:] + [
        value for at, value in looks if since < at <= until
    ]
