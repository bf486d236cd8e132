"""What a failure rests on, and what takes it back: every finding passes here, whichever check gave it.

Two rules (principle 8). A failure that rests on a fault stands only where the fault took effect, and only for the time
in which it did. What we did, could not see, or did not wait for is never blamed on the bot. A finding that may come of
one of these keeps its sentence, behind the reason, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fleet_stress.judge import cycle_budget, our_doing
from fleet_stress.judge.case import Case, stood_at
from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.plan_steps import all_steps
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED, Finding

#: Faults that only prepare the ground for another: they are a row's fault where it has no other.
PREPARING = ("ram_volume", "clock")
#: Faults whose rows lead the bot to its exchange by https from its start, as no baseline does.
_BY_HTTPS = "bad_certificate"
#: The fault that kills a process which the bot is to start again.
_KILLS_A_WORKER = "worker_death"
#: Checks of how, and of how soon, a start ended.
_OF_THE_END = ("exit_code", "stopped_within")
#: Ours, beside the checks: a scenario that could not be run to its end.
STEPS = "steps"


def upheld(case: Case, findings: Iterable[Finding]) -> Iterator[Finding]:
    """All findings, in order; a failure that does not stand is ``not_exercised`` and says why."""
    for finding in findings:
        if finding.verdict == FAILED:
            why = next(filter(None, (objection(case, finding) for objection in _OBJECTIONS)), None)
            if why:
                finding = finding._replace(verdict=NOT_EXERCISED, reason=f"{why}: {finding.reason}")
        yield finding


def nothing_to_rest_on(case: Case, check: Check) -> str | None:
    """Why a check that finds nothing has proved nothing: it rests on a fault, and none took effect."""
    if not check.faults or case.took_effect(*check.faults):
        return None
    return f"this rests on {_or(check.faults)}, and none took effect"


def _no_fault_took_effect(case: Case, _finding: Finding) -> str | None:
    """A row whose faults all missed the bot says nothing about the bot."""
    faults = case.evidence["faults"]
    proper = [fault for fault in faults if fault["fault"] not in PREPARING] or faults
    if proper and not any(fault["bit"] for fault in proper):
        return "no fault of this row took effect, so this is not its doing"
    return None


def _never_was_well_by_https(case: Case, _finding: Finding) -> str | None:
    """The baseline shows that a bot works by http: by https nothing has, until a fault finds it well that way."""
    faults = (step["args"] for step in all_steps(case.scenario.get("steps", ())) if step["verb"] == "fault")
    if case.evidence["faults"] or not any(fault["fault"] == _BY_HTTPS for fault in faults):
        return None
    return (
        "no certificate was changed yet, and in this row alone it is led to its exchange by https, so this may come of"
        " the variables in `https` of the profile's `exchange`"
    )


def _its_fault_did_not_take_effect(case: Case, finding: Finding) -> str | None:
    """What the check says of itself (``Check.faults``), whatever it then found."""
    check = CHECKS.get(finding.check)
    return nothing_to_rest_on(case, check) if check else None


def _not_in_its_time(case: Case, finding: Finding) -> str | None:
    """What was seen before or after the fault is not the fault's doing."""
    kinds = _promises(finding, "faults")
    if finding.at is None or not kinds:
        return None
    if any(stood_at(fault, finding.at) for fault in case.took_effect(*kinds)):
        return None
    return f"this was seen at {finding.at:.1f} s, when no fault was active"


def _refused_processes(case: Case, _finding: Finding) -> str | None:
    processes = case.evidence.get("processes") or {}
    if not processes.get("reached"):
        return None
    return f"it reached our limit of {processes['limit']} processes and threads, so this may come of that"


def _we_ended_it(case: Case, finding: Finding) -> str | None:
    """How a start ended that the scenario did not ask to end: we ended it with the scenario."""
    start = _start(case, finding)
    if start is None or case.evidence["ended"]["outcome"] != "done":
        return None
    ended = start["exit"]
    if ended is None or (ended["by"] == "engine" and not start["signals"]):
        return f"fleet-stress ended start {start['n']} with the scenario"
    return None


def _was_ending(case: Case, finding: Finding) -> str | None:
    """How and when a start ended that was asked to stop after its last cycle."""
    start = _start(case, finding)
    return cycle_budget.was_ending(start) if start is not None and finding.check in _OF_THE_END else None


def _its_worker_was_killed(case: Case, finding: Finding) -> str | None:
    """Whether a bot survives the death of a worker is not what its restarts are looked at for."""
    killed = any(fault["fault"] == _KILLS_A_WORKER for fault in case.evidence["faults"])
    if finding.check != STEPS or not killed:
        return None
    return "fleet-stress had killed a worker of the bot, and what it then does without it is not judged"


def _stream_taken_away(case: Case, finding: Finding) -> str | None:
    counted = our_doing.waited_for_cycles(case) if finding.check == STEPS else _promises(finding, "counts")
    return our_doing.stream_taken_away(case) if counted else None


def _held_up(case: Case, finding: Finding) -> str | None:
    """What did not happen in our time, and how we then ended the bot."""
    return our_doing.held_up(case) if finding.check in (STEPS, *_OF_THE_END) else None


def _slow_host(case: Case, finding: Finding) -> str | None:
    # A bot that ended was not too slow for us: nobody waited for it.
    cut = finding.check == STEPS and case.evidence["steps"][-1]["outcome"] != "bot_ended"
    if not (cut or finding.timed):
        return None
    start = _start(case, finding)
    starts = case.starts if start is None else [start]
    to_stop = bool(_promises(finding, "from_signal"))
    return next(
        filter(None, (our_doing.kept_waiting(case, start, to_stop=to_stop) for start in starts)), None
    )


def _promises(finding: Finding, name: str) -> Any:
    """What the check of a finding says of what it rests on; nothing of ours or of one that is not known."""
    return getattr(CHECKS.get(finding.check), name, ())


def _start(case: Case, finding: Finding) -> Mapping[str, Any] | None:
    return next((start for start in case.starts if start["n"] == finding.start), None)


def _or(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


_OBJECTIONS: tuple[Callable[[Case, Finding], str | None], ...] = (
    _no_fault_took_effect,
    _never_was_well_by_https,
    _its_fault_did_not_take_effect,
    _not_in_its_time,
    _refused_processes,
    _we_ended_it,
    _was_ending,
    _its_worker_was_killed,
    _stream_taken_away,
    _held_up,
    _slow_host,
)
