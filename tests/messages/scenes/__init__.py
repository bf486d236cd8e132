"""What takes more than a call to get to: one function a message, each with what stands around the mistake.

Each raises, and is given the test's folder.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.messages.scenes import bot, by_hand, command, host, hostile, points, results, setup, skipped


def scene(name: str) -> Callable[[Path], Any]:
    """The function of that name."""
    (found,) = [
        getattr(item, name)
        for item in (bot, by_hand, command, host, hostile, points, results, setup, skipped)
        if getattr(getattr(item, name, None), "__module__", None) == item.__name__
    ]
    return found
