"""How a process ended, in words."""

from __future__ import annotations

import signal


def signal_name(number: int) -> str:
    """``9`` → ``KILL``; a number that has no name stays a number."""
    try:
        return signal.Signals(number).name[3:]
    except ValueError:
        return str(number)
