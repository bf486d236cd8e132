"""Probes of a page before, under and after a fault. Shared by two checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.store.bounded_read import from_json

Probe = Mapping[str, Any]


def under_fault(case: Case) -> list[tuple[Probe, Mapping[str, Any]]]:
    """Probes while a fault was active, each with that fault."""
    faults = case.evidence["faults"]
    pairs = []
    for probe in case.evidence["probes"]:
        for fault in faults:
            end = fault.get("lifted_at")
            active = fault["at"] <= probe["at"] and (end is None or probe["at"] < end)
            if active and fault["fault"] in probe["standing"]:
                pairs.append((probe, fault))
                break
    return pairs


def control(case: Case, probe: Probe) -> Probe | None:
    """The last probe of the same page without any fault, before this one."""
    earlier = [other for other in _without_fault(case, probe["page"]) if other["n"] < probe["n"]]
    return earlier[-1] if earlier else None


def afterwards(case: Case, probe: Probe) -> Probe | None:
    """The first probe of the same page without any fault, after this one."""
    return next((other for other in _without_fault(case, probe["page"]) if other["n"] > probe["n"]), None)


def _without_fault(case: Case, page: str) -> list[Probe]:
    return [probe for probe in case.evidence["probes"] if probe["page"] == page and not probe["standing"]]


def answered(probe: Probe) -> bool:
    """Status 200 with something in it."""
    return probe["status"] == 200 and bool(str(probe["body"]).strip())


def describe(probe: Probe) -> str:
    """An answer in words."""
    if probe["error"]:
        return str(probe["error"])[:300]
    return f"status {probe['status']}: {str(probe['body']).strip()[:120] or 'nothing'}"


def no_control(probe: Probe | None) -> str:
    """Why a page had no control: it was not requested, or did not work, before the fault."""
    if probe is None:
        return "was not requested before the fault"
    return f"did not work before the fault ({describe(probe)})"


def hit(probe: Probe, fault: Mapping[str, Any]) -> bool:
    """Whether the fault took effect, and on this very probe where the fault knows which processes it hit."""
    processes = fault["proof"].get("met")
    if not fault["bit"]:
        return False
    return processes is None or any(process["pid"] == probe.get("pid") for process in processes)


def hit_elsewhere(fault: Mapping[str, Any]) -> bool:
    """Whether a fault that did not hit one probe has hit another one, or a process of the bot."""
    return bool(fault["bit"]) and bool(fault["proof"].get("met"))


def shape(body: str) -> Any:
    """What kind of JSON a body is, values left out: an answer later may hold other numbers."""
    try:
        document = from_json(body)
    except ValueError:
        return "text"
    if isinstance(document, list):
        return ["list", _keys(document[0]) if document else None]
    return ["mapping", _keys(document)]


def _keys(value: Any) -> Any:
    return sorted(value) if isinstance(value, dict) else type(value).__name__
