"""``fell_back``: without its network the bot goes on with data of its own making, and says so (4.1, 4.2, 4.3).

A bot that was never live fell back from nothing: that proves nothing, whatever it says meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.judge.readings import outages
from fleet_stress.store.verdict import Finding


class FellBack(Check):
    """A finding for each time that it did not fall back, or not come back; and for what it kept silent."""

    title = "without its network it uses data of its own, and says so"
    arguments = {
        "again": {
            "type": "boolean",
            "description": "Whether it has to be live again after each time.",
        },
        "or_live": {
            "type": "boolean",
            "description": "A bot that stays live is as good: it waited, or knows its way still.",
        },
    }

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        profile, windows = case.bot.get("data_source"), outages.windows(case)
        if windows and case.bot.get("own_data") is False:
            # Its profile says that it makes up none; that it goes on without, others judge. That it says so is left.
            if not arguments.get("or_live"):
                yield from self._silences(case, bool(arguments.get("again")))
            return
        if not profile or not windows:
            why = "the profile names no data_source" if windows else "the network was never taken away"
            yield self.not_exercised("data source", why)
            return
        said = outages.sources(case)
        live, mock = profile["live"], profile["mock"]
        fell = 0
        for number, window in enumerate(windows, start=1):
            before = [one.source for one in said if one.at < window.at]
            if before[-1:] != [live]:
                yield self._not_live(before, live, number)
                continue
            during = [one for one in said if window.at <= one.at <= window.until]
            reason = _against(during, live, mock, or_live=bool(arguments.get("or_live")))
            if reason:
                yield self.failed("fell back", f"{reason}, while {window.fault} stood", evidence=_where(case))
                continue
            fell += any(one.source == mock for one in during)
            end = min([one.at for one in windows if one.at > window.at], default=float("inf"))
            after = [one.source for one in said if window.until < one.at < end]
            if arguments.get("again") and live not in after:
                reason = f"it never said `{live}` again after {window.fault} was lifted"
                found = self.failed if after else self.not_exercised
                yield found("came back", reason, evidence=_where(case))
        if fell:
            yield from self._silences(case, bool(arguments.get("again")))

    def _not_live(self, before: list[str], live: str, number: int) -> Finding:
        told = "it said nothing of its data" if not before else f"its data were `{before[-1]}`"
        never = "" if live in before else ": it was never live here"
        reason = f"there was nothing to fall back from: {told} before the network was taken away{never}"
        return self.not_exercised(f"live before {number}", reason)

    def _silences(self, case: Case, again: bool) -> Iterator[Finding]:
        messages = case.bot.get("messages") or {}
        for name in ("fell_back", *(("live_again",) if again else ())):
            pattern = messages.get(name)
            if pattern and not any(re.search(pattern, text) for _, text in outages.texts(case)):
                reason = (
                    f"nothing in its output and logs says so: no line matches messages.{name} (`{pattern}`)"
                )
                yield self.failed(name, reason, evidence=_where(case))


def _against(during: list[outages.Said], live: str, mock: str, *, or_live: bool) -> str | None:
    if not during:
        return "it finished nothing and said nothing of its data"
    if or_live:
        return None
    first = next((number for number, one in enumerate(during) if one.source == mock), None)
    if first is None:
        return f"it went on saying `{live}` {len(during)} times without ever saying `{mock}`"
    # What it said of a cycle that had begun before may still be live; after that nothing can be.
    if any(one.source == live for one in during[first:]):
        return f"it said `{live}` again after `{mock}`, when nothing could be reached"
    return None


def _where(case: Case) -> tuple[str, ...]:
    return tuple(one["stderr"] for one in case.starts[-1:])
