"""``fell_back``: without its network the bot goes on with mock data, and says so (4.1, 4.2, 4.3).

A bot that was never live had nothing to fall back from: whatever it says then proves nothing.
"""

from __future__ import annotations

import re

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import outages
from fleet_stress.store.contract import OUTAGES
from fleet_stress.store.verdict import Finding


class FellBack(Check):
    """A finding for each time that it did not fall back or did not come back, and for what it did not say."""

    title = "without its network it uses mock data, and says so"
    faults = OUTAGES
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
        windows, again = outages.windows(case), bool(arguments.get("again"))
        or_live = bool(arguments.get("or_live"))
        if not windows:
            yield self.not_exercised("data source", "the network was never cut")
        elif case.bot.get("own_data") is False or (not case.bot.get("data_source") and _has_words(case)):
            # Its profile says that it has no mock data. Whether it goes on is for other checks; it still has to say so.
            if not or_live:
                yield from self._silences(case, windows, again, set())
        elif not case.bot.get("data_source"):
            reason = (
                "the bot profile does not say where the bot says that its data are live or mock (data_source)"
            )
            yield self.skipped("data source", reason)
        else:
            fell = False
            for number, window in enumerate(windows, start=1):
                findings, so = self._of(case, number, window, or_live=or_live, again=again)
                fell = fell or so
                yield from findings
            if fell:
                yield from self._silences(case, windows, again, _shown(case, windows))

    def _of(
        self, case: Case, number: int, window: outages.Window, *, or_live: bool, again: bool
    ) -> tuple[list[Finding], bool]:
        """What is wrong with one time, and whether it fell back then."""
        live, mock = case.bot["data_source"]["live"], case.bot["data_source"]["mock"]
        words, patience = outages.sources(case), outages.patience(case)
        before = [word.source for word in words if word.at < window.began]
        if before[-1:] != [live]:
            return [self._not_live(before, live, number)], False
        during = [word for word in words if window.at <= word.at <= window.until]
        # Without a cycle, a bot that is driven by its feed writes nothing; it still has to say so.
        still = case.bot["cycle"].get("driven_by") == "feed" and not during
        wrong = None if still else _against(during, live, mock, or_live=or_live)
        if wrong:
            reason, at = wrong
            reason = f"{reason}, while {window.fault} was active"
            # A word of `live` after `mock` is wrong at once; for its first `mock` a bot has some time.
            waited = window.waited
            fell = any(word.source == mock for word in during)
            if not fell and waited < patience:
                reason += f"; that was {waited:.1f} s long, and the bot has {patience:.1f} s to notice"
                return [self.not_exercised("fell back", reason, evidence=_where(case))], False
            return [self.failed("fell back", reason, evidence=_where(case), at=at)], False
        found = []
        end = outages.watched_until(case, window)
        after = [word.source for word in words if window.until < word.at <= end]
        if again and live not in after:
            reason = f"it never said `{live}` again after {window.fault} was reverted"
            if not after or end - window.until < patience:
                reason += f", for {end - window.until:.1f} s; it has {patience:.1f} s for that"
                found = [self.not_exercised("came back", reason, evidence=_where(case))]
            else:
                found = [self.failed("came back", reason, evidence=_where(case))]
        return found, still or any(word.source == mock for word in during)

    def _not_live(self, before: list[str], live: str, number: int) -> Finding:
        words = f"its data was `{before[-1]}`" if before else "it said nothing of its data"
        never = "" if live in before else ": it was never live here"
        reason = f"there was nothing to fall back from: {words} before the network was cut{never}"
        return self.not_exercised(f"live before {number}", reason)

    def _silences(self, case: Case, windows: list[outages.Window], again: bool, shown: set[str]) -> Findings:
        """Messages that never came. Of what it has ``shown`` in its data it has to speak at once."""
        messages, patience = case.bot.get("messages") or {}, outages.patience(case)
        times = {
            "fell_back": max(window.waited for window in windows),
            "live_again": max(outages.watched_until(case, window) - window.until for window in windows),
        }
        for name in ("fell_back", *(("live_again",) if again else ())):
            pattern = messages.get(name)
            if pattern and not any(re.search(pattern, text) for _, text in outages.texts(case)):
                reason = f"its output and logs do not say so: no line matches messages.{name} (`{pattern}`)"
                waited = name in shown or times[name] >= patience
                if not waited:
                    reason += f" in {times[name]:.1f} s; the bot has {patience:.1f} s to notice"
                proved = case.all_read() and waited
                finding = self.failed if proved else self.not_exercised
                yield finding(name, reason, evidence=_where(case))


def _against(
    during: list[outages.SourceWord], live: str, mock: str, *, or_live: bool
) -> tuple[str, float | None] | None:
    """What is wrong with the words of one time, and when that was said; None where all is well."""
    if not during:
        return "it finished no cycle and said nothing of its data", None
    if or_live:
        return None
    first = next((number for number, word in enumerate(during) if word.source == mock), None)
    if first is None:
        return f"it went on saying `{live}` {len(during)} times without ever saying `{mock}`", during[-1].at
    # A cycle that had begun before may still be live; after that none can be.
    again = next((word for word in during[first:] if word.source == live), None)
    if again is not None:
        return f"it said `{live}` again after `{mock}`, when no host could be reached", again.at
    return None


def _shown(case: Case, windows: list[outages.Window]) -> set[str]:
    """Which of the messages the bot has borne out by what it wrote of its data."""
    source, words = case.bot["data_source"], outages.sources(case)
    shown = set()
    for window in windows:
        end = outages.watched_until(case, window)
        for word in words:
            if word.source == source["mock"] and window.at <= word.at <= window.until:
                shown.add("fell_back")
            if word.source == source["live"] and window.until < word.at <= end:
                shown.add("live_again")
    return shown


def _has_words(case: Case) -> bool:
    return bool((case.bot.get("messages") or {}).get("fell_back"))


def _where(case: Case) -> tuple[str, ...]:
    return tuple(start["stderr"] for start in case.starts[-1:])
