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

#: A shell's exit code for a death by signal N is 128 + N.
_BY_SIGNAL, _NO_SIGNAL = 128, 160
_NUMBERS = {
    **{each.name[3:]: int(each) for each in signal.Signals},
    **{name[3:]: number for number, name in _EVERYWHERE.items()},
}


def signal_name(number: int) -> str:
    """``9`` → ``KILL``; a number that has no name stays a number."""
    try:
        return signal.Signals(number).name[3:]
    except ValueError:
        return str(number)


def exit_number(ended: Mapping[str, Any]) -> int | None:
    """How it ended, as one number: its code, or 128 and the number of its signal; None: unknown.

    A shell, and whatever else waits for a program and reports for it, says a death by a signal like that (sh(1)). So
    both are one way to end. systemd counts a death by SIGTERM as a clean stop as well (SuccessExitStatus= in
    systemd.service(5)).
    """
    if ended["signal"]:
        number = _NUMBERS.get(str(ended["signal"]))
        return None if number is None else _BY_SIGNAL + number
    return None if ended["code"] is None else int(ended["code"])


def died_of(ended: Mapping[str, Any], name: str) -> bool:
    """Whether it died of a signal (``KILL``), or ended with the code that reports such a death."""
    return exit_number(ended) == _BY_SIGNAL + _NUMBERS[name]


def is_death(ended: Mapping[str, Any]) -> bool:
    """Whether it died of a signal, or ended with a code that reports such a death."""
    return bool(ended["signal"]) or _BY_SIGNAL < (exit_number(ended) or 0) < _NO_SIGNAL


#: Nobody handles them: who meets one can do nothing more. A service manager ends what is left, as after SIGKILL.
_CRASHES = ("FPE", "SEGV", "BUS", "ILL", "ABRT")


def could_end_others(ended: Mapping[str, Any]) -> bool:
    """Whether the main process ended so that it could end the others of the bot: it was not killed, nor did it crash.

    ``by`` in its exit says who ended it.
    """
    return ended["by"] in ("itself", "signal") and not any(
        died_of(ended, name) for name in ("KILL", *_CRASHES)
    )


def split_exit(returncode: int) -> dict[str, Any]:
    """``code`` and ``signal`` of a ``subprocess.Popen.returncode``; one of them is None."""
    if returncode < 0:
        return {"code": None, "signal": signal_name(-returncode)}
    return {"code": returncode, "signal": None}


def exit_words(ended: Mapping[str, Any]) -> str:
    """``exit code 1``, ``death by SIGKILL``, ``exit code 143 (128 + SIGTERM)``: of ``code`` and ``signal``."""
    if exit_number(ended) is None and not ended["signal"]:
        return "an exit code that nobody could see"
    if ended["signal"]:
        return f"death by SIG{ended['signal']}"
    number = int(ended["code"])
    if _BY_SIGNAL < number < _NO_SIGNAL:
        return f"exit code {number} (128 + {_EVERYWHERE.get(number - _BY_SIGNAL, f'signal {number - _BY_SIGNAL}')})"
    return f"exit code {number}"
