"""A scenario that could not be run to its end: by the bot's fault, or before any fault or signal hit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge import cycle_budget
from fleet_stress.judge.case import Case
from fleet_stress.judge.grounds import STEPS
from fleet_stress.judge.left_out import FAULT, logs_nothing, nothing_to_hit
from fleet_stress.store.exit_words import exit_words
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED, SKIPPED, Finding

#: Of older evidence.
_UNKNOWN = {"": 1}


def cut_short(case: Case) -> Finding | None:
    """The finding about it; None where it was run to its end."""
    ended = case.evidence["ended"]
    if ended["outcome"] == "done":
        return None
    last = case.evidence["steps"][-1]
    reason = f"step {last['path']}: {ended['reason']}"
    evidence: tuple[str, ...] = ()
    number = None
    if case.starts:
        start = case.starts[-1]
        number, evidence = start["n"], (start["stderr"], start["stdout"])
        asked = cycle_budget.used_up(start, case.bot) if last["outcome"] == "bot_ended" else None
        if asked is not None:  # of our own making: in more cycles it might have happened
            reason += f"; it ran all {asked} cycles that the scenario asked for"
            return Finding(STEPS, "cut short", reason, NOT_EXERCISED, evidence)
        words = case.last_words(start)
        if last["outcome"] == "bot_ended" and start["exit"]:
            reason += f" ({exit_words(start['exit'])})"
        if words:
            reason += f"; its last words: {words}"
    met = last["outcome"] != "not_met"
    for fault in () if met else case.evidence["faults"]:
        why = _could_not_meet(case, fault)
        if why:
            whole = reason if why in reason else f"{reason}; {why}"  # the wait may have ended for just that
            return Finding(FAULT, fault["fault"], whole, SKIPPED, evidence, start=number)
    hit = bool(case.took_effect()) or any(start["signals"] for start in case.starts)
    hit = hit and met  # it took effect; the bot never came near it
    bots_fault = last["outcome"] == "bot_ended" or hit or bool(case.scenario["baseline"])
    return Finding(
        STEPS, "cut short", reason, FAILED if bots_fault else NOT_EXERCISED, evidence, start=number
    )


def _could_not_meet(case: Case, fault: Mapping[str, Any]) -> str | None:
    """Why a bot never came near a fault, where it has nothing that could."""
    if not fault["bit"] and nothing_to_hit(case, fault):
        return str(fault["proof"].get("why", "the bot has nothing that it could hit"))
    if fault["fault"] == "fill" and fault["args"].get("folder") == "log":
        if logs_nothing(case):
            return "the bot logs nothing in peace, so nothing of it met the full folder"
        if not any(fault["proof"].get("tried", _UNKNOWN).values()) and not fault["proof"].get("cut_off"):
            return "the bot logged nothing while its folder was full"
    return None
