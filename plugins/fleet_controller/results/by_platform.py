"""What a run found by the system of its hosts: Linux, macOS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.messages.text import number_of, plain
from fleet_controller.runs.verdict_counts import counted
from fleet_stress.store.verdict import ALL

_NAMES = {"Darwin": "macOS"}
#: Of a host that brought no result.
UNKNOWN = "unknown"
#: So many releases of one system are told.
_RELEASES = 3


def by_platform(hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each system the number of ``hosts``, their ``releases``, and ``counts`` of scenarios by verdict."""
    found: dict[str, dict[str, Any]] = {}
    for host in hosts.values():
        system = host["system"] or {}
        name = _NAMES.get(system.get("system", ""), system.get("system") or UNKNOWN)
        platform = found.setdefault(name, {"hosts": 0, "releases": [], "counts": Counter()})
        platform["hosts"] += 1
        platform["releases"] = sorted({*platform["releases"], *filter(None, [system.get("release")])})
        platform["counts"].update(entry["verdict"] for entry in host["scenarios"])
    return {
        name: {**platform, "counts": {verdict: platform["counts"][verdict] for verdict in ALL}}
        for name, platform in sorted(found.items())
    }


def platform_lines(results: Mapping[str, Any]) -> Iterator[str]:
    """A line for each system, where there are several: ``macOS 23.6.0: 9 passed, 2 skipped on 1 host``."""
    found = by_platform(results["hosts"])
    if len(found) < 2:
        return
    for name, platform in found.items():
        releases = [plain(release, 60) for release in platform["releases"]]
        release = ", ".join(releases[:_RELEASES]) + (" …" if len(releases) > _RELEASES else "")
        told = f"{counted(platform['counts'])} on {number_of(platform['hosts'], 'host')}"
        yield f"{plain(name, 60)} {release}".strip() + f": {told}"
