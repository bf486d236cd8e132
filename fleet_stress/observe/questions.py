"""What a command says of a file that only the bot's own code can read, asked while the bot is watched.

Watching does not wait for it: what it says is filled into the look that it was asked for. One at a time is asked for
each file, and then there is a rest, so that watching does not slow the host down.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from fleet_stress.observe import bot_files

#: A rest is so many times as long as the command took.
_REST = 5


class Questions:
    """Those of one watch."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[bot_files.Question, float, tuple[str, ...], dict[str, Any]]] = {}
        self._not_before: dict[str, float] = {}

    def ask(self, key: str, path: Path, tracked: bot_files.Tracked, look: dict[str, Any]) -> None:
        """Ask what is in a file now; nothing while one is asked for, or in its rest."""
        if key in self._asked or time.monotonic() < self._not_before.get(key, 0.0) or tracked.ask is None:
            return
        data = bot_files.read_regular(path)
        if data is not None:
            question = tracked.ask(tracked, data)
            self._asked[key] = question, time.monotonic(), tracked.never_back, look

    def poll(self) -> None:
        """Fill in what has been said."""
        for key, (question, began, never_back, look) in list(self._asked.items()):
            if question.over():
                del self._asked[key]
                self._not_before[key] = time.monotonic() + _REST * (time.monotonic() - began)
                said = question.answer()
                look["sha256"] = None if said is None else bot_files.digest(said)
                look["json"] = bot_files.json_verdict(said)
                look["fields"] = bot_files.fields(said, never_back)

    def wait(self) -> None:
        """Until nothing is asked any more."""
        for question, *_ in self._asked.values():
            question.answer()
        self.poll()
        self._not_before.clear()
