"""A scenario that could not be run to its end: by the bot's fault, or before any fault or signal hit it."""

from __future__ import annotations

from fleet_stress.judge import cycle_budget
from fleet_stress.judge.case import Case
from fleet_stress.judge.grounds import STEPS
from fleet_stress.judge.left_out import FAULT, logs_nothing, nothing_to_hit
from fleet_stress.store.exit_words import exit_words
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED, SKIPPED, Finding


def _fills_logs(case: Case) -> bool:
    return any(
        fault["fault"] == "fill" and fault["args"].get("folder") == "log" for fault in case.evidence["faults"]
    )


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
    missed = [fault for fault in case.evidence["faults"] if not fault["bit"] and nothing_to_hit(case, fault)]
    if last["outcome"] == "not_met" and missed:
        reason += f"; {missed[0]['proof'].get('why', 'the bot has nothing that it could hit')}"
        return Finding(FAULT, missed[0]["fault"], reason, SKIPPED, evidence, start=number)
    if last["outcome"] == "not_met" and _fills_logs(case) and logs_nothing(case):
        reason += "; the bot logs nothing in peace, so nothing of it met the full folder"
        return Finding(FAULT, "fill", reason, SKIPPED, evidence, start=number)
    hit = bool(case.took_effect()) or any(start["signals"] for start in case.starts)
    hit = hit and last["outcome"] != "not_met"  # it took effect; the bot never came near it
    bots_fault = last["outcome"] == "bot_ended" or hit or bool(case.scenario["baseline"])
    return Finding(
        STEPS, "cut short", reason, FAILED if bots_fault else NOT_EXERCISED, evidence, start=number
    )
