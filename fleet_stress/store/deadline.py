"""Waiting for what happens, with a deadline."""

from __future__ import annotations

import time
from typing import Callable


def wait_until(happened: Callable[[], object], within: float, every: float) -> bool:
    """Look every ``every`` seconds until something has happened; False when it has not ``within`` seconds.

    It looks at least once, and once more after the time is over.
    """
    deadline = time.monotonic() + within
    while not happened():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
