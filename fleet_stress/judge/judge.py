"""The judge: stored evidence in, a verdict with reasons out. Runs again over old evidence without a bot."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_stress.judge import grounds, handled_exceptions, lock_timeouts, memory_lines, visit_outcomes
from fleet_stress.judge.case import Case, stop_signal
from fleet_stress.judge.check_list import LEFT_OUT, NOT_PROVED, VISIT, Looked, check_list, unjudged
from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.checks.process import memory_bounded, memory_trend
from fleet_stress.judge.cut_short import cut_short
from fleet_stress.judge.left_out import FAULT, left_out, nothing_to_hit, without_echoes
from fleet_stress.judge.readings import counted_lines, filed_records, following
from fleet_stress.judge.settle import Key, as_advice, is_masked, settled
from fleet_stress.observe import sample_file
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, SKIPPED, Finding

_Document = Mapping[str, Any]
#: Of one check: a bot chooses how many different exceptions it prints, and must not cost the host its result by them.
MOST_FINDINGS = 100
#: What every row is judged by, whatever it expects.
ALWAYS = ({"check": "invariants", "args": {}},)


def judge(
    scenario: _Document, bot: _Document, folder: Path | None, baseline: _Document | None
) -> dict[str, Any]:
    """The entry of a scenario in ``result.json``.

    ``folder`` holds the scenario's evidence; None: it was not run. ``baseline`` is the baseline's own entry:
    what it already found is not blamed on this scenario again.
    """
    entry = _entry(scenario)
    if scenario["skip"]:
        reason = f"{scenario['skip']['reason']} (to enable it: {scenario['skip']['enable']})"
        return {**_unjudged(entry, scenario, reason, LEFT_OUT), "verdict": SKIPPED}
    if folder is None:
        return {**_unjudged(entry, scenario, _because(baseline)), "verdict": NOT_EXERCISED}
    entry["evidence"] = f"evidence/{scenario['id']}"
    if not (folder / "evidence.json").exists():
        reason = "the arena's process died before it stored its evidence; the journal says how far it got"
        return {**_unjudged(entry, scenario, reason), "verdict": ERROR}
    try:
        evidence = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
        evidence["samples"] = evidence.get("samples") or sample_file.read(folder)
        known = baseline["measures"] if baseline else {}
        learnt = known.get("worth_of_a_cycle"), known.get("counted_lines"), known.get("filed_records")
        case = Case(evidence, folder, bot, scenario, *learnt)
        entry["seconds"] = evidence["seconds"]
        entry["notes"] = list(_notes(case))
        entry["measures"] = _measures(case)
        if evidence["error"]:
            return {**_unjudged(entry, scenario, evidence["error"]), "verdict": ERROR}
        looked = list(_looked(case))
        if evidence["ended"]["outcome"] == "done":
            looked += _of_visits(case, entry, baseline)
    except Exception as problem:  # odd evidence is our fault, and must not spoil the other verdicts
        reason = f"the evidence could not be judged: {type(problem).__name__}: {problem}"
        return {**_unjudged(entry, scenario, reason), "verdict": ERROR}
    entry["checks"] = check_list(looked, lambda finding: is_masked(finding, baseline))
    findings = _flat(looked)
    if not any(fault["bit"] for fault in evidence["faults"] if fault["fault"] not in grounds.PREPARING):
        findings = without_echoes(findings)
    out = left_out(scenario, findings)
    entry["notes"] += [f"not judged: {reason}" for reason in out.reasons]
    entry = settled(entry, [finding for finding in findings if finding.verdict != SKIPPED], baseline)
    if out.is_all and entry["verdict"] == PASSED:
        return {**entry, "verdict": SKIPPED, "reasons": out.reasons}
    return as_advice(entry) if scenario.get("advisory") else entry


def rows_are_meaningless(baseline: _Document | None) -> bool:
    """True when the bot did not even get through its baseline, so that no other row would prove anything."""
    if baseline is None or baseline["verdict"] == PASSED:
        return False
    return baseline["verdict"] == ERROR or not baseline["measures"].get("ran", False)


def _looked(case: Case) -> Iterator[Looked]:
    """What the steps and the checks find; of failures, those that stand (``grounds``)."""
    expected = (*case.scenario["expect"], *ALWAYS)
    limited = case.evidence.get("limited")
    if limited:  # whatever happened from then on, happened because of us
        yield Looked("limits", findings=(Finding("limits", "size", limited, NOT_EXERCISED),))
        yield from unjudged(expected, limited)
        return
    cut = cut_short(case)
    if cut is None:
        yield Looked(grounds.STEPS)
    else:
        [cut] = grounds.upheld(case, [cut])
        yield Looked(cut.check, findings=(cut,))
        if cut.verdict != FAILED:  # a scenario that was not run to its end has none to look at
            yield from unjudged(expected, "the scenario was not run to its end")
            return
    yield from _of_faults(case)
    for item in expected:
        check, arguments = CHECKS[item["check"]], item["args"]
        found = itertools.islice(grounds.upheld(case, check.judge(case, arguments)), MOST_FINDINGS)
        findings = tuple(found)
        if findings:
            yield Looked(check.name, arguments, findings)
            continue
        unasked = check.unasked(case, arguments)
        why = grounds.nothing_to_rest_on(case, check)
        yield Looked(check.name, arguments, (), check.seen(case, arguments), unasked or why, bool(unasked))


def _of_faults(case: Case) -> Iterator[Looked]:
    """Of each kind of fault, whether it took effect every time."""
    for kind in dict.fromkeys(fault["fault"] for fault in case.evidence["faults"]):
        missed = [fault for fault in case.evidence["faults"] if fault["fault"] == kind and not fault["bit"]]
        yield Looked(FAULT, {"fault": kind}, tuple(_missed(case, fault) for fault in missed))


def _missed(case: Case, fault: _Document) -> Finding:
    reason = f"the fault {fault['fault']} did not take effect: {_why_not(fault['proof'])}"
    return Finding(FAULT, fault["fault"], reason, SKIPPED if nothing_to_hit(case, fault) else NOT_EXERCISED)


def _flat(looked: Iterable[Looked]) -> list[Finding]:
    return [finding for item in looked for finding in item.findings]


def _of_visits(case: Case, entry: dict[str, Any], baseline: _Document | None) -> Iterator[Looked]:
    """What came of the crash points that a step has visited; their figures go into the entry.

    What the baseline found too is blamed once, there: it is told of the row and counts against no point.
    """
    masked: dict[Key, Finding] = {}

    def findings(visit: Case) -> Iterator[Finding]:
        for finding in _flat(_looked(visit)):
            if finding.verdict != SKIPPED and is_masked(finding, baseline):
                masked.setdefault(finding.key, finding)
            else:
                yield finding

    for visits in case.evidence.get("visits", ()):
        outcomes = visit_outcomes.outcomes(case, visits, findings)
        figures = visit_outcomes.figures(visits, outcomes)
        entry["measures"]["points"] = figures
        entry["notes"] += visit_outcomes.notes(visits, figures, outcomes)
        found = tuple(visit_outcomes.findings_of(case, visits, outcomes))
        seen = f"{figures['survived']} of {figures['visited']} visited points survived"
        yield Looked(VISIT, findings=found, seen=seen)
    for finding in masked.values():
        yield Looked(finding.check, findings=(finding._replace(evidence=()),))


def _why_not(proof: _Document) -> str:
    """In the fault's own words where it has some."""
    why = proof.get("why") or proof.get("after_lifting", {}).get("why")
    return str(why or json.dumps(proof)[:300])


def _notes(case: Case) -> Iterator[str]:
    yield from case.evidence["notes"]
    allowed = [file["path"] for file in case.evidence["outside"] if file["allowed"]]
    if allowed:
        more = f" and {len(allowed) - 10} more" if len(allowed) > 10 else ""
        yield f"also wrote, as its profile allows: {', '.join(sorted(allowed)[:10])}{more}"
    missed = (case.evidence.get("network") or {}).get("looked_elsewhere") or {}
    if missed:
        counted = ", ".join(f"{name} {count}" for name, count in sorted(missed.items()))
        yield f"it looked in vain for what is outside its arena ({counted}); `network: host` lets it reach that"
    yield from lock_timeouts.notes(case)
    yield from handled_exceptions.notes(case)
    yield from memory_bounded.notes(case)
    if case.scenario["baseline"]:
        yield from counted_lines.notes(case)
        yield from filed_records.notes(case)
    yield from memory_trend.notes(case)
    yield from memory_lines.notes(case)


def _measures(case: Case) -> dict[str, Any]:
    """Figures: seconds to the first cycle and from a signal to the exit; whether a bot ran through at all."""
    firsts = [round(start["cycles"][0]["at"] - start["at"], 3) for start in case.starts if start["cycles"]]
    stops = [start["exit"]["after_signal"] for start in case.starts if stop_signal(start) and start["exit"]]
    ran = any(start["cycles"] and start["exit"] and start["exit"]["by"] != "engine" for start in case.starts)
    measures = {"ran": ran, "first_cycle_seconds": firsts, "stop_seconds": stops}
    if case.scenario["baseline"]:
        measures["worth_of_a_cycle"] = following.learnt(case)
        measures["counted_lines"] = counted_lines.learnt(case)
        measures["filed_records"] = filed_records.learnt(case)
    trends = memory_trend.drawn(case)
    if trends:
        measures["trends"] = trends
    return measures


def _entry(scenario: _Document) -> dict[str, Any]:
    return {
        "scenario": scenario["id"],
        "row": scenario["row"],
        "title": scenario["title"],
        "verdict": PASSED,
        "reasons": [],
        "notes": [],
        "findings": [],
        "known_from_baseline": [],
        "checks": [],
        "seconds": 0.0,
        "evidence": None,
        "measures": {},
    }


def _because(baseline: _Document | None) -> str:
    reasons: Iterable[str] = baseline["reasons"] if baseline else ()
    first = next(iter(reasons), "it did not get through")
    return f"not run, because baseline: {first}"


def _unjudged(
    entry: dict[str, Any], scenario: _Document, reason: str, state: str = NOT_PROVED
) -> dict[str, Any]:
    """An entry none of whose checks was asked, for this reason."""
    looked = unjudged((*scenario.get("expect", ()), *ALWAYS), reason)
    return {**entry, "reasons": [reason], "checks": check_list(looked, lambda _finding: False, state)}
