"""How a start ended: in the bot's own way, so that it could finish what it was doing, or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.store.exit_words import exit_number, is_death


def named_codes(case: Case) -> set[int]:
    """All exit codes that the profile names, whatever for."""
    return {code for codes in case.bot["exit_codes"].values() for code in codes}


def regular_codes(case: Case) -> set[int]:
    """Those, and 0: with one of them nobody says that something went wrong."""
    return {0, *named_codes(case)}


def in_its_own_way(case: Case, start: Mapping[str, Any]) -> bool:
    """Whether a start ended by itself or when asked to, with one of the exit codes that the profile names.

    A death by a signal is none, also where the profile names it: it may have come in the middle of anything.
    """
    ended = start["exit"]
    if ended is None or ended["by"] == "engine" or start["after"] is None:
        return False
    return not is_death(ended) and exit_number(ended) in named_codes(case)


def killed(start: Mapping[str, Any]) -> bool:
    """Whether a SIGKILL of the scenario ended it."""
    sent = any(signal["signal"] == "KILL" for signal in start["signals"])
    return sent and start["exit"] is not None and start["exit"]["signal"] == "KILL"
