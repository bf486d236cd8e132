"""The page of a run is kept up to date while a host of it is followed; in a thread, so that following never waits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.runs import live_folder

#: A page that is being drawn when its host is done is waited for, in seconds.
_PATIENCE = 10.0
#: Characters.
_SENTENCE = 400


class LivePage:
    """Of one worker, for its host.

    Args:
        folder: Of the run.
        host: Its name in the inventory.
        draw: Draws the page in that folder, if it is time to.
    """

    def __init__(self, folder: Path, host: str, draw: Callable[[Path], None]) -> None:
        self._folder, self._host, self._draw = folder, host, draw
        self._told: dict[str, Any] | None = None
        self._thread: threading.Thread | None = None
        #: Why the page was not drawn the last time that it was not.
        self.problem: Exception | None = None

    def heard(self, rows: Mapping[str, Any]) -> None:
        """The host has answered: how far it is, as ``Progress.rows`` has it. No run fails for its page."""
        if not live_folder.is_live(self._folder):
            return
        if rows != self._told:
            with contextlib.suppress(OSError):
                live_folder.tell(self._folder, self._host, rows)
                self._told = dict(rows)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._try, name="live page", daemon=True)
            self._thread.start()

    def fails(self, sentence: str) -> None:
        """The host is not followed to its end, and why."""
        self.heard({**(self._told or {}), live_folder.PROBLEM: in_one_line(plain(sentence), _SENTENCE)})

    def close(self) -> None:
        """Wait for a page that is being drawn: nothing is left half written."""
        if self._thread is not None:
            self._thread.join(timeout=_PATIENCE)

    def _try(self) -> None:
        try:
            self._draw(self._folder)
        except Exception as problem:  # whatever it is, the run goes on
            self.problem = problem
