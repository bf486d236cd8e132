"""Probes of a page before, under and after a fault. Shared by two checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case

Probe = Mapping[str, Any]


def under_fault(case: Case) -> list[tuple[Probe, Mapping[str, Any]]]:
    """Probes while a fault stood, each with that fault."""
    faults = case.evidence["faults"]
    found = []
    for probe in case.evidence["probes"]:
        for fault in faults:
            lifted = fault.get("lifted_at")
            stood = fault["at"] <= probe["at"] and (lifted is None or probe["at"] < lifted)
            if stood and fault["fault"] in probe["standing"]:
                found.append((probe, fault))
                break
    return found


def control(case: Case, probe: Probe) -> Probe | None:
    """The last probe of the same page without any fault, before this one."""
    found = None
    for one in case.evidence["probes"]:
        if one["page"] == probe["page"] and not one["standing"] and one["n"] < probe["n"]:
            found = one
    return found


def afterwards(case: Case, probe: Probe) -> Probe | None:
    """The first probe of the same page without any fault, after this one."""
    for one in case.evidence["probes"]:
        if one["page"] == probe["page"] and not one["standing"] and one["n"] > probe["n"]:
            found: Probe = one
            return found
    return None


def answered(probe: Probe) -> bool:
    """Status 200 with something in it."""
    return probe["status"] == 200 and bool(str(probe["body"]).strip())


def told(probe: Probe) -> str:
    """An answer in words."""
    if probe["error"]:
        return str(probe["error"])[:300]
    return f"status {probe['status']}: {str(probe['body']).strip()[:120] or 'nothing'}"


def met(probe: Probe, fault: Mapping[str, Any]) -> bool:
    """Whether the fault bit, and this very probe where the fault knows whom it met."""
    known = fault["proof"].get("met")
    if not fault["bit"]:
        return False
    return known is None or any(one["pid"] == probe.get("pid") for one in known)


def shape(body: str) -> Any:
    """What kind of JSON a body is, values left out: an answer later may hold other numbers."""
    try:
        document = json.loads(body)
    except ValueError:
        return "text"
    if isinstance(document, list):
        return ["list", _keys(document[0]) if document else None]
    return ["mapping", _keys(document)]


def _keys(one: Any) -> Any:
    return sorted(one) if isinstance(one, dict) else type(one).__name__
