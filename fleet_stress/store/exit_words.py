"""How a process ended, as evidence has it and in words."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

#: Signals that have one number on all systems: evidence is also judged where it does not come from.
_EVERYWHERE = {
    number: f"SIG{name}"
    for number, name in (
        *((1, "HUP"), (2, "INT"), (3, "QUIT"), (4, "ILL"), (5, "TRAP"), (6, "ABRT"), (8, "FPE"), (9, "KILL")),
        *((11, "SEGV"), (13, "PIPE"), (14, "ALRM"), (15, "TERM")),
    )
}


def signal_name(number: int) -> str:
    """``9`` → ``KILL``; a number that has no name stays a number."""
    try:
        return signal.Signals(number).name[3:]
    except ValueError:
        return str(number)


def split_exit(returncode: int) -> dict[str, Any]:
    """``code`` and ``signal`` of a ``subprocess.Popen.returncode``; one of them is None."""
    if returncode < 0:
        return {"code": None, "signal": signal_name(-returncode)}
    return {"code": returncode, "signal": None}


def exit_words(ended: Mapping[str, Any]) -> str:
    """``exit code 1``, ``death by SIGKILL``, ``exit code 143 (128 + SIGTERM)``: of ``code`` and ``signal``."""
    if ended["signal"]:
        return f"death by SIG{ended['signal']}"
    number = int(ended["code"])
    if 128 < number < 160:
        return f"exit code {number} (128 + {_EVERYWHERE.get(number - 128, f'signal {number - 128}')})"
    return f"exit code {number}"
