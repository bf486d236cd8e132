"""What lies below a file system of ours that stands in the place of a bot's folder: that is where the engine looks.

So what a fault does to the bot's operations (a delay, an error, a freeze) it never does to the engine's. The folder
below is reached by a descriptor from before it was covered; what passes through is on it at once, so watching and
snapshots see the very same files.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

from fleet_stress import system


class Served(Protocol):
    """A process of ours that a bot's folder depends on."""

    def died(self) -> str | None:
        """That it has ended though nobody asked it to, as a sentence."""

    def release(self) -> None:
        """Let everybody go who waits for it, whatever it does."""


class CoveredFolders:
    """The covered folders of one arena."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """``changed`` is called when the engine has to look elsewhere from now on."""
        self._changed = changed
        self._served: dict[str, tuple[int, Served]] = {}

    @property
    def places(self) -> dict[str, str]:
        """Where the engine finds covered folders, by their place (``state_dir``)."""
        return {place: system.descriptor_path(descriptor) for place, (descriptor, _) in self._served.items()}

    def cover(self, place: str, descriptor: int, by: Served) -> None:
        """From now on the engine looks at the folder that this descriptor is of; it is ours from now on."""
        self._served[place] = (descriptor, by)
        self._changed()

    def uncover(self, place: str) -> None:
        """It is seen by its name again; repeatable."""
        served = self._served.pop(place, None)
        if served is not None:
            self._changed()
            os.close(served[0])

    def died(self) -> str | None:
        """The first of them that has died, as a sentence; None: all are there."""
        told = (by.died() for _, by in self._served.values())
        return next((one for one in told if one), None)

    def release(self) -> None:
        """Whoever waits for one of them waits no more; a bot that hangs in it can then be ended."""
        for _, by in self._served.values():
            by.release()
