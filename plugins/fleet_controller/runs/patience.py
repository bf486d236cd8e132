"""How long one host is listened to, and how often: one that always answers could keep us for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Between two questions at least, in seconds: a host that answers at once would else take our processor.
LEAST = 0.2


class Endless(Exception):
    """A host answers and answers, for longer than it can have anything to say."""


class Patience:
    """Before each question. ``seconds``: in all, from now on."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.seconds, self._clock, self._sleep = seconds, clock, sleep
        self._over = clock() + seconds
        self._asked: float | None = None

    def wait(self) -> None:
        """Until the next question may be asked. Raises Endless."""
        now = self._clock()
        if now >= self._over:
            raise Endless
        if self._asked is not None and now < self._asked + LEAST:
            self._sleep(self._asked + LEAST - now)
        self._asked = self._clock()
