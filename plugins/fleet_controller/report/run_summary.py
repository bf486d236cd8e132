"""A run in one line: how many rows came to what, on how many hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_controller.messages.text import first_of, number_of, plain
from fleet_controller.runs.host_result import UNREACHABLE, has_result
from fleet_controller.runs.verdict_counts import counted
from fleet_stress.store.verdict import ERROR, FAILED, PASSED, SKIPPED


def summary(results: Mapping[str, Any]) -> str:
    """``37 passed on 9 hosts; 1 host unreachable: lab03; 1 host not run: lab04``."""
    hosts: Mapping[str, Any] = results["hosts"]
    there = [name for name, host in hosts.items() if has_result(host)]
    gone = [name for name, host in hosts.items() if host["verdict"] == UNREACHABLE]
    unrun = [name for name in hosts if name not in there and name not in gone]
    said = [
        f"{counted(counts_of_run(results))} on {number_of(len(there), 'host')}"
        if there
        else "nothing was run"
    ]
    for word, names in (("unreachable", gone), ("not run", unrun)):
        if names:
            said.append(
                f"{number_of(len(names), 'host')} {word}: {first_of([plain(name) for name in names])}"
            )
    return "; ".join(said)


def counts_of_run(results: Mapping[str, Any]) -> dict[str, int]:
    """Rows by verdict, without those of hosts that never ran: what they did not run is no error."""
    unrun = sum(len(host["scenarios"]) for host in results["hosts"].values() if not has_result(host))
    return {**results["counts"], ERROR: results["counts"][ERROR] - unrun}


def verdict_of_run(results: Mapping[str, Any]) -> str:
    """What a headline speaks of: the bot's fault comes before anybody else's, and what was skipped is no news."""
    if results["counts"][FAILED]:
        return FAILED
    worst: str = results["verdict"]
    return PASSED if worst == SKIPPED and results["counts"][PASSED] else worst
