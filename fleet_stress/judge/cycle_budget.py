"""Whether a start ended because it had run all the cycles that the scenario asked for: our limit, not the bot's end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import asked_by, stop_signal
from fleet_stress.store.exit_words import exit_number


def used_up(start: Mapping[str, Any], bot: Mapping[str, Any]) -> int | None:
    """The cycles that a start was to run (``max_cycles``), where it finished them all and ended as its profile says.

    None: it was to run without a limit, ended before that, or in another way.
    """
    asked, ended, cycles = start["settings"].get("max_cycles"), start["exit"], start["cycles"]
    if not isinstance(asked, (int, float)) or not ended or ended["by"] != "itself" or not cycles:
        return None
    if cycles[-1]["n"] < asked or exit_number(ended) not in bot["exit_codes"].get("finished", [0]):
        return None
    return int(asked)


def was_ending(start: Mapping[str, Any]) -> str | None:
    """Why a start may have been ending already when it was asked to stop: it had run all its cycles; None: it had not.

    A Python program that ends has the system's handlers again, and dies of the signal.
    """
    asked, sent = start["settings"].get("max_cycles"), stop_signal(start)
    if sent is None or not isinstance(asked, (int, float)) or sent.get("after_cycles", 0) < asked:
        return None
    return f"it had run all {asked:g} cycles that the scenario asked for when {asked_by(sent)} came, and was ending"
