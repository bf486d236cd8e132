"""The sections of the stress plan (docs/stress-plan.md), and what became of each of their rows over all hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fleet_controller.messages.text import first_of, number_of
from fleet_controller.runs.host_result import has_result
from fleet_controller.runs.verdict_counts import RUNNING, WAITS
from fleet_stress.store.verdict import ERROR, FAILED, KNOWN, NOT_EXERCISED, PASSED, SKIPPED

#: The first of these that a row's number begins with is its section.
_SECTIONS = (
    ("0", "Baseline", ("0",)),
    ("1.1\u20131.2", "Restarts and pace", ("1.1", "1.2")),
    ("1.3", "Corrupt state", ("1.3",)),
    ("1.4\u20131.5", "Full and slow disks", ("1.4", "1.5")),
    ("1.6", "Floods of logs", ("1.6",)),
    ("2", "Memory", ("2",)),
    ("3", "Signals", ("3",)),
    ("4", "Network", ("4",)),
    ("5", "Broken modules", ("5",)),
    ("6", "Beyond the stress plan", ("6",)),
)
_OTHERS = ("", "Other rows")
#: What is said of a row where it got this verdict, in the order that it is said in.
_SAID = {
    FAILED: "failed on",
    ERROR: "error on",
    NOT_EXERCISED: "not exercised on",
    KNOWN: "known on",
    RUNNING: "runs on",
    WAITS: "waits on",
    SKIPPED: "skipped on",
}
#: Hosts that are named; of more the number is told.
_NAMED = 3


class Row(NamedTuple):
    """One row of the plan, and what became of it."""

    row: str
    scenario: str
    title: str
    #: The gravest verdict of all hosts that were there; ``error`` where none was.
    verdict: str
    #: ``failed on web03, web07; passed on 48 of 50 hosts``.
    summary: str
    #: Its place among the scenarios of the results.
    place: int


class Section(NamedTuple):
    """A few rows that belong together."""

    number: str
    title: str
    summary: str
    rows: list[Row]


def sections(results: Mapping[str, Any], names: Sequence[str]) -> list[Section]:
    """The checklist: every row that was asked for, in the plan's order; ``names``: what its hosts are called in it.

    What a host that was not there did not run says nothing of the bot, so hosts without a result are not counted.
    """
    hosts = zip(names, results["hosts"].values(), strict=True)
    there = {name: host for name, host in hosts if has_result(host)}
    asked: list[Mapping[str, Any]] = next((host["scenarios"] for host in results["hosts"].values()), [])
    found: dict[tuple[str, str], list[Row]] = {section[:2]: [] for section in _SECTIONS}
    found[_OTHERS] = []
    for index, entry in enumerate(asked):
        verdicts = {name: host["scenarios"][index]["verdict"] for name, host in there.items()}
        found[section_of(entry["row"])].append(_row(index, entry, verdicts))
    where = " on all hosts" if len(there) > 1 else ""
    return [Section(*key, f"{_summary(rows)}{where}", rows) for key, rows in found.items() if rows]


def section_of(row: str) -> tuple[str, str]:
    """Number and title of the section that a row belongs to: ``1.3A`` is ``("1.3", "Corrupt state")``."""
    for number, title, beginnings in _SECTIONS:
        for beginning in beginnings:
            if row.startswith(beginning) and not row[len(beginning) : len(beginning) + 1].isdigit():
                return number, title
    return _OTHERS


def _row(index: int, entry: Mapping[str, Any], verdicts: Mapping[str, str]) -> Row:
    names = {
        word: [name for name, verdict in verdicts.items() if verdict == word] for word in (PASSED, *_SAID)
    }
    held, of = len(names[PASSED]), len(verdicts)
    parts = [f"{said} {_listed(names[word], of)}" for word, said in _SAID.items() if names[word]]
    if held:
        parts.append(f"passed on {held} of {number_of(of, 'host')}" if of > 1 else "passed")
    return Row(
        row=entry["row"],
        scenario=entry["scenario"],
        title=entry["title"],
        verdict=next((word for word in _SAID if names[word]), PASSED) if verdicts else ERROR,
        summary="; ".join(parts) or "no host ran it",
        place=index,
    )


def _listed(names: Sequence[str], of: int) -> str:
    if len(names) == of > _NAMED:
        return f"all {of} hosts"
    return first_of([name[:80] for name in names], _NAMED)


def _summary(rows: Sequence[Row]) -> str:
    held = sum(row.verdict == PASSED for row in rows)
    return f"{held} of {number_of(len(rows), 'row')} passed"
