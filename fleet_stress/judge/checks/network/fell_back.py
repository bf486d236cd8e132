"""``fell_back``: without its network the bot goes on with mock data, and says so (4.1, 4.2, 4.3).

A bot that was never live had nothing to fall back from: whatever it says then proves nothing.
"""

from __future__ import annotations

import re

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import outages
from fleet_stress.store.verdict import Finding


class FellBack(Check):
    """A finding for each time that it did not fall back or did not come back, and for what it did not say."""

    title = "without its network it uses mock data, and says so"
    faults = outages.FAULTS
    timed = True
    arguments = {
        "again": {
            "type": "boolean",
            "description": "Whether it has to be live again after each time.",
        },
        "or_live": {
            "type": "boolean",
            "description": "Staying live passes as well: the bot waited, or still had a connection.",
        },
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        profile, windows = case.bot.get("data_source"), outages.windows(case)
        if windows and case.bot.get("own_data") is False:
            # Its profile says that it has no mock data. Whether it goes on is for other checks; it still has to say so.
            if not arguments.get("or_live"):
                yield from self._silences(case, bool(arguments.get("again")))
            return
        if not profile or not windows:
            why = "the profile names no data_source" if windows else "the network was never cut"
            yield self.not_exercised("data source", why)
            return
        words = outages.sources(case)
        live, mock = profile["live"], profile["mock"]
        fell = 0
        for number, window in enumerate(windows, start=1):
            before = [word.source for word in words if word.at < window.at]
            if before[-1:] != [live]:
                yield self._not_live(before, live, number)
                continue
            still = case.bot["cycle"].get("driven_by") == "feed"
            during = [word for word in words if window.at <= word.at <= window.until]
            reason = (
                None  # without a cycle it writes nothing; it still has to say so
                if still and not during
                else _against(during, live, mock, or_live=bool(arguments.get("or_live")))
            )
            if reason:
                yield self.failed(
                    "fell back", f"{reason}, while {window.fault} was active", evidence=_where(case)
                )
                continue
            fell += any(word.source == mock for word in during) or (still and not during)
            end = min([later.at for later in windows if later.at > window.at], default=float("inf"))
            after = [word.source for word in words if window.until < word.at < end]
            if arguments.get("again") and live not in after:
                reason = f"it never said `{live}` again after {window.fault} was reverted"
                finding = self.failed if after else self.not_exercised
                yield finding("came back", reason, evidence=_where(case))
        if fell:
            yield from self._silences(case, bool(arguments.get("again")))

    def _not_live(self, before: list[str], live: str, number: int) -> Finding:
        words = f"its data was `{before[-1]}`" if before else "it said nothing of its data"
        never = "" if live in before else ": it was never live here"
        reason = f"there was nothing to fall back from: {words} before the network was cut{never}"
        return self.not_exercised(f"live before {number}", reason)

    def _silences(self, case: Case, again: bool) -> Findings:
        messages = case.bot.get("messages") or {}
        for name in ("fell_back", *(("live_again",) if again else ())):
            pattern = messages.get(name)
            if pattern and not any(re.search(pattern, text) for _, text in outages.texts(case)):
                reason = f"its output and logs do not say so: no line matches messages.{name} (`{pattern}`)"
                finding = self.failed if case.all_read() else self.not_exercised
                yield finding(name, reason, evidence=_where(case))


def _against(during: list[outages.SourceWord], live: str, mock: str, *, or_live: bool) -> str | None:
    if not during:
        return "it finished no cycle and said nothing of its data"
    if or_live:
        return None
    first = next((number for number, word in enumerate(during) if word.source == mock), None)
    if first is None:
        return f"it went on saying `{live}` {len(during)} times without ever saying `{mock}`"
    # A cycle that had begun before may still be live; after that none can be.
    if any(word.source == live for word in during[first:]):
        return f"it said `{live}` again after `{mock}`, when no host could be reached"
    return None


def _where(case: Case) -> tuple[str, ...]:
    return tuple(start["stderr"] for start in case.starts[-1:])
