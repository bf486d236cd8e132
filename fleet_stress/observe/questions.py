"""What a command says of a file that only the bot's own code can read, asked while the bot is watched.

Watching does not wait for it: what it says is filled into the look that it was asked for. One at a time is asked for
each file, and then there is a rest, so that watching does not slow the host down. To start a program takes a second on
a busy host: that is done only once it was looked whether the bot has told of a cycle.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress.observe import bot_files

#: A rest is so many times as long as the command took, for each file that is asked about.
_REST = 5


class Questions:
    """Those of one watch."""

    def __init__(self) -> None:
        #: Not begun yet: since this look, and since the one before.
        self._new: dict[str, _Wanted] = {}
        self._due: dict[str, _Wanted] = {}
        self._asked: dict[str, tuple[bot_files.Question, float, _Wanted]] = {}
        self._not_before: dict[str, float] = {}

    def ask(self, key: str, path: Path, tracked: bot_files.Tracked, look: dict[str, Any]) -> None:
        """Ask what is in a file now; nothing while one is asked for, or in its rest."""
        busy = key in self._asked or key in self._due or key in self._new
        if busy or time.monotonic() < self._not_before.get(key, 0.0) or tracked.ask is None:
            return
        data = bot_files.read_regular(path)
        if data is not None:
            self._new[key] = _Wanted(tracked, data, look)

    def poll(self) -> None:
        """Fill in what has been said, and begin to ask what was to be asked at the look before."""
        for key, (question, began, wanted) in list(self._asked.items()):
            if question.over():
                del self._asked[key]
                self._not_before.setdefault(key, 0.0)
                rest = _REST * len(self._not_before) * (time.monotonic() - began)
                self._not_before[key] = time.monotonic() + rest
                said, look = question.answer(), wanted.look
                look["sha256"] = None if said is None else bot_files.digest(said)
                look["json"] = bot_files.json_verdict(said)
                look["fields"] = bot_files.fields(said, wanted.tracked.never_back)
        self._begin(self._due)
        self._due, self._new = self._new, {}

    def _begin(self, due: dict[str, _Wanted]) -> None:
        for key, wanted in due.items():
            if wanted.tracked.ask is not None:
                began = time.monotonic()
                self._asked[key] = wanted.tracked.ask(wanted.tracked, wanted.data), began, wanted

    def wait(self) -> None:
        """Until nothing is asked any more."""
        self._begin({**self._due, **self._new})
        self._due, self._new = {}, {}
        for question, *_ in self._asked.values():
            question.answer()
        self.poll()
        self._not_before.clear()


class _Wanted(NamedTuple):
    """What is to be asked: the content of a file, and the look that it is for."""

    tracked: bot_files.Tracked
    data: bytes
    look: dict[str, Any]
