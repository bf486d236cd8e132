"""The judge: stored evidence in, a verdict with reasons out. Runs again over old evidence without a bot."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_stress.judge import grounds, handled_exceptions, lock_timeouts, memory_lines, visit_outcomes
from fleet_stress.judge.case import Case, stop_signal
from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.checks.process import memory_bounded, memory_trend
from fleet_stress.judge.cut_short import cut_short
from fleet_stress.judge.left_out import FAULT, left_out, nothing_to_hit, without_echoes
from fleet_stress.judge.readings import counted_lines, following
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
        return {**entry, "verdict": SKIPPED, "reasons": [reason]}
    if folder is None:
        return {**entry, "verdict": NOT_EXERCISED, "reasons": [_because(baseline)]}
    entry["evidence"] = f"evidence/{scenario['id']}"
    if not (folder / "evidence.json").exists():
        reason = "the arena's process died before it stored its evidence; the journal says how far it got"
        return {**entry, "verdict": ERROR, "reasons": [reason]}
    try:
        evidence = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
        evidence["samples"] = evidence.get("samples") or sample_file.read(folder)
        known = baseline["measures"] if baseline else {}
        learnt = known.get("worth_of_a_cycle"), known.get("counted_lines")
        case = Case(evidence, folder, bot, scenario, *learnt)
        entry["seconds"] = evidence["seconds"]
        entry["notes"] = list(_notes(case))
        entry["measures"] = _measures(case)
        if evidence["error"]:
            return {**entry, "verdict": ERROR, "reasons": [evidence["error"]]}
        findings = list(_findings(case))
        if evidence["ended"]["outcome"] == "done":
            findings += _of_visits(case, entry, baseline)
    except Exception as problem:  # odd evidence is our fault, and must not spoil the other verdicts
        reason = f"the evidence could not be judged: {type(problem).__name__}: {problem}"
        return {**entry, "verdict": ERROR, "reasons": [reason]}
    if not any(fault["bit"] for fault in evidence["faults"] if fault["fault"] not in grounds.PREPARING):
        findings = without_echoes(findings)
    out = left_out(scenario, findings)
    entry["notes"] += [f"not judged: {reason}" for reason in out.reasons]
    entry = _settled(entry, [finding for finding in findings if finding.verdict != SKIPPED], baseline)
    if out.is_all and entry["verdict"] == PASSED:
        return {**entry, "verdict": SKIPPED, "reasons": out.reasons}
    return _as_advice(entry, scenario)


def rows_are_meaningless(baseline: _Document | None) -> bool:
    """True when the bot did not even get through its baseline, so that no other row would prove anything."""
    if baseline is None or baseline["verdict"] == PASSED:
        return False
    return baseline["verdict"] == ERROR or not baseline["measures"].get("ran", False)


def _settled(entry: dict[str, Any], findings: list[Finding], baseline: _Document | None) -> dict[str, Any]:
    """Blame once, then let the gravest finding decide."""
    known = [finding for finding in findings if _is_known(finding, baseline)]
    new = [finding for finding in findings if finding not in known]
    entry["findings"] = [_plain(finding) for finding in new]
    entry["known_from_baseline"] = [_plain(finding) for finding in known]
    failed = [finding.reason for finding in new if finding.verdict == FAILED]
    unproven = [finding.reason for finding in new if finding.verdict == NOT_EXERCISED]
    unproven += [f"because baseline: {finding.reason}" for finding in known]
    ours = [finding.reason for finding in new if finding.verdict == ERROR]
    verdict = FAILED if failed else ERROR if ours else NOT_EXERCISED if unproven else PASSED
    reasons = list(dict.fromkeys(failed or ours or unproven))
    return {**entry, "verdict": verdict, "reasons": reasons}


def _as_advice(entry: dict[str, Any], scenario: _Document) -> dict[str, Any]:
    """A failure of a scenario beyond the stress plan (docs/stress-plan.md) is advice, unless it was enforced."""
    if not scenario.get("advisory") or entry["verdict"] != FAILED:
        return entry
    reasons = [f"advice, beyond the stress plan: {reason}" for reason in entry["reasons"]]
    return {**entry, "advice": True, "reasons": reasons}


def _is_known(finding: Finding, baseline: _Document | None) -> bool:
    """Whether the baseline failed in it. What the baseline could not prove excuses nothing."""
    found = baseline["findings"] if baseline else ()
    keys = {(finding["check"], finding["subject"]) for finding in found if finding["verdict"] == FAILED}
    return not keys.isdisjoint(_excuses(finding))


def _excuses(finding: Finding) -> set[tuple[str, str]]:
    """Keys of the baseline's findings that excuse this one: the same, and those of the check that it names."""
    check = CHECKS.get(finding.check)
    other = check.excused_by if check else None
    return {finding.key} | ({(other, finding.subject)} if other else set())


def _findings(case: Case) -> Iterator[Finding]:
    """What the steps and the checks find; of failures, those that stand (``grounds``)."""
    limited = case.evidence.get("limited")
    if limited:  # whatever happened from then on, happened because of us
        yield Finding("limits", "size", limited, NOT_EXERCISED)
        return
    cut = cut_short(case)
    if cut is not None:
        [cut] = grounds.upheld(case, [cut])
        yield cut
        if cut.verdict != FAILED:
            return  # a scenario that was not run to its end has none to look at
    for fault in case.evidence["faults"]:
        if not fault["bit"]:
            reason = f"the fault {fault['fault']} did not take effect: {_why_not(fault['proof'])}"
            verdict = SKIPPED if nothing_to_hit(case, fault) else NOT_EXERCISED
            yield Finding(FAULT, fault["fault"], reason, verdict)
    for expected in (*case.scenario["expect"], *ALWAYS):
        found = CHECKS[expected["check"]].judge(case, expected["args"])
        yield from itertools.islice(grounds.upheld(case, found), MOST_FINDINGS)


def _of_visits(case: Case, entry: dict[str, Any], baseline: _Document | None) -> Iterator[Finding]:
    """What came of the crash points that a step has visited; their figures go into the entry."""

    def findings(visit: Case) -> Iterator[Finding]:
        for finding in _findings(visit):
            if _is_known(finding, baseline):  # blamed once, there
                reason = f"because baseline: {finding.reason}"
                finding = finding._replace(verdict=NOT_EXERCISED, reason=reason)
            yield finding

    for visits in case.evidence.get("visits", ()):
        outcomes = visit_outcomes.outcomes(case, visits, findings)
        figures = visit_outcomes.figures(visits, outcomes)
        entry["measures"]["points"] = figures
        entry["notes"] += visit_outcomes.notes(visits, figures, outcomes)
        yield from visit_outcomes.findings_of(case, visits, outcomes)


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
        "seconds": 0.0,
        "evidence": None,
        "measures": {},
    }


def _because(baseline: _Document | None) -> str:
    reasons: Iterable[str] = baseline["reasons"] if baseline else ()
    first = next(iter(reasons), "it did not get through")
    return f"not run, because baseline: {first}"


def _plain(finding: Finding) -> dict[str, Any]:
    stored = ("check", "subject", "reason", "verdict")
    return {**{name: getattr(finding, name) for name in stored}, "evidence": list(finding.evidence)}
