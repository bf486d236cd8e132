"""What a bot says while a scenario waits for it to notice something: where its data come from, and what it prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fleet_stress.observe.line_counter import NewLines
from fleet_stress.scenario.arena import Arena
from fleet_stress.store.contract import OUTPUTS

#: Of a line, what tells its kind: numbers differ from one to the next.
_NUMBERS, _LONGEST = re.compile(rb"[0-9]+"), 200
#: Kinds of lines that are remembered; a bot with more says something new all the time.
_MOST_KINDS = 10_000


class Hearing:
    """Listens from its making on, or from ``again``. Close it with ``close``."""

    def __init__(self, arena: Arena) -> None:
        """Before a fault begins: what the bot says from then on is heard."""
        self._arena = arena
        self._kinds: set[bytes] = set()
        self._lines: dict[str, list[NewLines]] = {}
        self._heard: dict[str, int] = {}
        self.since = 0.0
        messages = arena.bot.get("messages") or {}
        patterns: dict[str, Any] = {
            name: messages[name] for name in ("fell_back", "live_again") if messages.get(name)
        }
        if "fell_back" not in patterns and not arena.bot.get("data_source"):
            patterns["something new"] = self._is_new
        for name, pattern in patterns.items():
            self._lines[name] = [NewLines(path, pattern, also_before=True) for path in self._paths()]
        self.again()

    def _paths(self) -> list[Path]:
        starts = self._arena.evidence.document["starts"]
        paths = [self._arena.evidence.folder / entry[name] for entry in starts[-1:] for name in OUTPUTS]
        return paths + [file.path for file in self._arena.tracked if file.format == "text"]

    def _is_new(self, line: bytes) -> bool:
        kind = _NUMBERS.sub(b"#", line)[:_LONGEST]
        new = bool(kind.strip()) and kind not in self._kinds
        if len(self._kinds) < _MOST_KINDS:
            self._kinds.add(kind)
        return new

    def new_start(self) -> None:
        """The bot has just been started: its output is heard, too."""
        for name, lines in self._lines.items():
            pattern = self._is_new if name == "something new" else str(self._arena.bot["messages"][name])
            entry = self._arena.evidence.document["starts"][-1]
            lines += [
                NewLines(self._arena.evidence.folder / entry[output], pattern, also_before=True)
                for output in OUTPUTS
            ]

    def again(self) -> None:
        """Forget what was heard: only what the bot says from now on counts."""
        self._listen()
        self._lost = bool(self._heard.get("fell_back"))
        self._heard = dict.fromkeys(self._lines, 0)
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
            if look["source"] == word and look["at"] - (look["wall"] - look["mtime"]) >= self.since:
                return True
        return False


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
