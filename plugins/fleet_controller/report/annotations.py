"""What did not pass, as GitHub shows it beside a commit: workflow commands, a line each.

GitHub shows ten of a kind for each step, and so only the first reasons are told; the summary has all.
https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.results.known import gone
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED

_KINDS = {FAILED: "error", ERROR: "error", NOT_EXERCISED: "warning"}
_MOST, _LONGEST = 10, 400


def workflow_commands(results: Mapping[str, Any]) -> list[str]:
    """The lines for what ``results.json`` holds; what is left out is told in the last one of its kind."""
    lines = []
    for kind in ("error", "warning"):
        found = [item for item in _found(results) if item[0] == kind]
        shown = found if len(found) <= _MOST else found[: _MOST - 1]
        lines += [f"::{kind} title={_property(title)}::{_data(text)}" for _, title, text in shown]
        if len(found) > len(shown):
            lines.append(
                f"::{kind} title=fleet-stress::{len(found) - len(shown)} more; see the summary of this job"
            )
    return lines


def _found(results: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for host, entry in results["hosts"].items():
        for scenario in entry["scenarios"]:
            kind = _KINDS.get(scenario["verdict"])
            if kind and not scenario.get("advice"):
                title = f"{scenario['row']} {scenario['scenario']} {scenario['verdict']} on {host}"
                yield kind, title, "; ".join(map(str, scenario["reasons"]))
    for sentence in gone(results):
        yield "error", "a known finding is gone", sentence


def _data(text: str) -> str:
    """A text of a host's, which must not end the line: the next one would be a command of its own."""
    told = in_one_line(plain(text), _LONGEST)
    return told.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
