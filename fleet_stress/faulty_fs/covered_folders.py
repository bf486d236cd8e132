"""The folders below our file systems: the engine looks at a bot's folder there, not through the file system.

So what a fault does to the bot's operations (a delay, an error, a freeze) never happens to the engine's. The folder
below is reached by a descriptor from before it was covered; what passes through is on it at once, so watching and
snapshots see the same files.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

from fleet_stress import system


class Served(Protocol):
    """What a bot's covered folder depends on."""

    def died(self) -> str | None:
        """That it ended unexpectedly, as a sentence; None: it did not."""

    def release(self) -> None:
        """Release every process that waits for it, whatever it does."""


class CoveredFolders:
    """The covered folders of one arena."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """``changed`` is called when the engine has to look elsewhere."""
        self._changed = changed
        self._served: dict[str, tuple[int, Served]] = {}

    @property
    def places(self) -> dict[str, str]:
        """Where the engine finds covered folders, by their place (``state_dir``)."""
        return {place: system.descriptor_path(descriptor) for place, (descriptor, _) in self._served.items()}

    def cover(self, place: str, descriptor: int, by: Served) -> None:
        """From now on the engine looks at the folder of this descriptor, which we take over."""
        self._served[place] = (descriptor, by)
        self._changed()

    def uncover(self, place: str) -> None:
        """The engine looks at it by its name again; repeatable."""
        served = self._served.pop(place, None)
        if served is not None:
            self._changed()
            os.close(served[0])

    def died(self) -> str | None:
        """The first that has died, as a sentence; None: none has."""
        sentences = (by.died() for _, by in self._served.values())
        return next((sentence for sentence in sentences if sentence), None)

    def release(self) -> None:
        """Release every process that waits for one of them, so that a hanging bot can be ended."""
        for _, by in self._served.values():
            by.release()
