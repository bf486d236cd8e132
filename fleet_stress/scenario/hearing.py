"""What a bot says while a scenario waits for it to notice something: where its data come from, and what it prints."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from fleet_stress.observe.evidence import written_at
from fleet_stress.observe.line_counter import NewLines
from fleet_stress.scenario.arena import Arena
from fleet_stress.store.contract import OUTPUTS

#: Of a line, what tells its kind: numbers differ from one to the next.
_NUMBERS, _LONGEST = re.compile(rb"[0-9]+"), 200
#: Kinds of lines that are remembered; a bot with more says something new all the time.
_MOST_KINDS = 10_000


class Hearing:
    """Listens from its making on, or from ``again``. Close it with ``close``."""

    def __init__(self, arena: Arena, of_outages: Collection[bytes] = ()) -> None:
        """Before a fault begins: what the bot says from then on is heard.

        ``of_outages``: kinds of lines that were new in an earlier outage of this scenario, and tell of this one too.
        """
        self._arena = arena
        self._kinds: set[bytes] = set()
        self._of_outages = frozenset(of_outages)
        #: Kinds that were new since it was made, or since ``again``.
        self._new: set[bytes] = set()
        self._lines: dict[str, list[NewLines]] = {}
        self._heard: dict[str, int] = {}
        self.since = 0.0
        messages = arena.bot.get("messages") or {}
        self._patterns: dict[str, Any] = {
            name: messages[name] for name in ("fell_back", "live_again") if messages.get(name)
        }
        if "fell_back" not in self._patterns and not arena.bot.get("data_source"):
            self._patterns["something new"] = self._is_new
        self._listen_to([*outputs(arena), *logs(arena)])
        self.again()

    def _listen_to(self, paths: list[Path]) -> None:
        for name, pattern in self._patterns.items():
            lines = (NewLines(path, pattern, also_before=True) for path in paths)
            self._lines.setdefault(name, []).extend(lines)

    def _is_new(self, line: bytes) -> bool:
        kind = _NUMBERS.sub(b"#", line)[:_LONGEST]
        new = bool(kind.strip()) and (kind not in self._kinds or kind in self._of_outages)
        if len(self._kinds) < _MOST_KINDS:
            self._kinds.add(kind)
            if new:
                self._new.add(kind)
        return new

    def new_kinds(self) -> frozenset[bytes]:
        """Kinds of lines that were new since it was made, or since ``again``, for a bot without words of its own."""
        self._listen()
        return frozenset(self._new)

    def new_start(self) -> None:
        """The bot has just been started: its output is heard, too."""
        self._listen_to(outputs(self._arena))

    def again(self) -> None:
        """Forget what was heard: only what the bot says from now on counts."""
        self._listen()
        self._lost = bool(self._heard.get("fell_back"))
        self._heard = dict.fromkeys(self._lines, 0)
        self._new = set()
        self.since = self._arena.evidence.now()

    def close(self) -> None:
        """Close all files."""
        for lines in self._lines.values():
            for file in lines:
                file.close()

    def noticed(self) -> str | None:
        """How the bot said that it is cut off: in its data's source, or in a line; None: it has not yet."""
        source = self._arena.bot.get("data_source")
        if source:
            return "data_source" if self._said(source["mock"]) else None
        self._listen()
        return next((name for name in ("fell_back", "something new") if self._heard.get(name)), None)

    def live_again(self) -> bool:
        """Whether the bot said that its data are live; also where it has no words for that, or missed nothing."""
        source = self._arena.bot.get("data_source")
        if source:
            return self._said(source["live"])
        self._listen()
        missed_nothing = "fell_back" in self._lines and not self._lost
        return bool(self._heard.get("live_again")) or missed_nothing or "live_again" not in self._lines

    def _listen(self) -> None:
        for name, lines in self._lines.items():
            self._heard[name] = self._heard.get(name, 0) + sum(file.more()[0] for file in lines)

    def _said(self, word: str) -> bool:
        """Whether it wrote this source of its data since then; what is seen late may have been written before."""
        for look in reversed(self._arena.evidence.document["observations"]):
            if look["at"] < self.since:
                return False
            if look["source"] == word and written_at(look) >= self.since:
                return True
        return False


def outputs(arena: Arena) -> list[Path]:
    """Where the newest start of the bot prints; nowhere before the first."""
    starts = arena.evidence.document["starts"][-1:]
    return [arena.evidence.folder / entry[name] for entry in starts for name in OUTPUTS]


def logs(arena: Arena) -> list[Path]:
    """Its text logs."""
    return [file.path for file in arena.tracked if file.format == "text"]


def is_live(arena: Arena) -> bool:
    """Whether the bot's newest word in this start is that its data are live; also where it has no words for that."""
    source, document = arena.bot.get("data_source"), arena.evidence.document
    if not source:
        return True
    number = document["starts"][-1]["n"]
    words = (
        look["source"]
        for look in reversed(document["observations"])
        if look["start"] == number and look["source"]
    )
    return bool(next(words, None) == source["live"])
