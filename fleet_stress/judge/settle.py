"""From findings to a verdict: what the baseline found too is blamed once, then the gravest finding decides.

Findings are as they are stored, so that whoever knows more than the host did can settle an entry again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.consequences import cause_of
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, Finding

_Document = Mapping[str, Any]
#: Check and subject of a finding: the same one in another row has the same.
Key = tuple[str, str]


def settled(entry: _Document, findings: Iterable[Finding], baseline: _Document | None) -> dict[str, Any]:
    """The entry with its findings, its verdict and its reasons. ``baseline`` is the baseline's own entry."""
    findings = list(findings)
    masked = [finding for finding in findings if is_masked(finding, baseline)]
    new = [finding for finding in findings if finding not in masked]
    plain = [_plain(finding, cause_of(finding, new)) for finding in new]
    return with_verdict(entry, plain, [_plain(finding) for finding in masked])


def with_verdict(
    entry: _Document, findings: Sequence[_Document], masked: Sequence[_Document]
) -> dict[str, Any]:
    """The entry with these findings, those that the baseline masks, and the verdict and reasons that follow."""
    failed = _causes([finding for finding in findings if finding["verdict"] == FAILED])
    unproven = [finding["reason"] for finding in findings if finding["verdict"] == NOT_EXERCISED]
    unproven += [f"because baseline: {finding['reason']}" for finding in masked]
    ours = [finding["reason"] for finding in findings if finding["verdict"] == ERROR]
    return {
        **entry,
        "findings": list(findings),
        "known_from_baseline": list(masked),
        "verdict": FAILED if failed else ERROR if ours else NOT_EXERCISED if unproven else PASSED,
        "reasons": list(dict.fromkeys(failed or ours or unproven)),
    }


def as_advice(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry of a scenario beyond the stress plan (docs/stress-plan.md): where it failed, that is advice."""
    if entry["verdict"] != FAILED:
        return entry
    reasons = [f"advice, beyond the stress plan: {reason}" for reason in entry["reasons"]]
    return {**entry, "advice": True, "reasons": reasons}


def is_masked(finding: Finding, baseline: _Document | None) -> bool:
    """Whether the baseline failed in it. What the baseline could not prove excuses nothing."""
    return bool(masking(finding.check, finding.subject, baseline["findings"] if baseline else ()))


def masking(check: str, subject: str, of_baseline: Iterable[_Document]) -> set[Key]:
    """Keys of the baseline's findings that mask one: the same, and those of the check that its check names."""
    known = CHECKS.get(check)
    other = known.excused_by if known else None
    keys = {(check, subject)} | ({(other, subject)} if other else set())
    return keys & {(item["check"], item["subject"]) for item in of_baseline if item["verdict"] == FAILED}


def _causes(failed: Sequence[_Document]) -> list[str]:
    """The reasons of those that follow from no other, each with the checks that failed because of it."""
    keys = {(finding["check"], finding["subject"]) for finding in failed}
    reasons = []
    for finding in failed:
        if _cause(finding) in keys:
            continue
        own = (finding["check"], finding["subject"])
        follow = dict.fromkeys(other["check"] for other in failed if _cause(other) == own)
        reasons.append(finding["reason"] + (f" (from this follow: {', '.join(follow)})" if follow else ""))
    return reasons


def _cause(finding: _Document) -> Key | None:
    """The key of what a finding follows from."""
    cause = finding.get("follows")
    return (cause["check"], cause["subject"]) if cause else None


def _plain(finding: Finding, cause: Finding | None = None) -> dict[str, Any]:
    stored = ("check", "subject", "reason", "verdict")
    plain = {**{name: getattr(finding, name) for name in stored}, "evidence": list(finding.evidence)}
    return {**plain, "follows": {"check": cause.check, "subject": cause.subject}} if cause else plain
