"""What the page says first, in words: what became of the run as a whole, and of what was run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fleet_controller.messages.text import duration, in_one_line, number_of, plain
from fleet_controller.report.page.sections import Row, Section
from fleet_controller.results.known import gone
from fleet_controller.runs.host_result import UNREACHABLE, has_result, wrong_with
from fleet_controller.runs.verdict_counts import RUNNING, WAITS
from fleet_stress.store.verdict import ERROR, FAILED, KNOWN, NOT_EXERCISED, PASSED, SKIPPED

#: A symbol for each, so that no verdict is told by its colour alone; and what a person calls it.
SYMBOLS = {
    PASSED: "✓",
    KNOWN: "≈",
    FAILED: "✗",
    NOT_EXERCISED: "?",
    SKIPPED: "\u2013",
    ERROR: "!",
    UNREACHABLE: "∅",
    RUNNING: "▸",
    WAITS: "·",
}
NAMES = {
    PASSED: "passed",
    KNOWN: "known",
    FAILED: "failed",
    NOT_EXERCISED: "not exercised",
    SKIPPED: "skipped",
    ERROR: "error",
    UNREACHABLE: "unreachable",
    RUNNING: "running",
    WAITS: "waits",
}
_SENTENCE = 400


def headline(results: Mapping[str, Any], checklist: list[Section]) -> str:
    """The run in one sentence: the bot's faults first, for one came for those."""
    rows = [row for section in checklist for row in section.rows]
    found = Counter(
        word
        for word in (FAILED, NOT_EXERCISED, ERROR, KNOWN)
        for row in rows
        if any(
            has_result(host) and host["scenarios"][row.place]["verdict"] == word
            for host in results["hosts"].values()
        )
    )
    of = number_of(len(rows), "row")
    if not results["hosts"]:
        return "No host took part"
    if found[FAILED]:
        return f"The bot failed in {found[FAILED]} of {of}"
    if found[ERROR]:
        return f"No failure of the bot was found, but {found[ERROR]} of {of} ended in an error of ours or a host's"
    if found[NOT_EXERCISED]:
        return f"Nothing failed, but {found[NOT_EXERCISED]} of {of} proved nothing"
    if next(gone(results), None):
        return "What was found is known, and some of the list of known findings is no longer found"
    if any(next(wrong_with(name, host), None) for name, host in results["hosts"].items()):
        return "All rows that ran passed, but not every host finished"
    if results["counts"].get(KNOWN):
        return f"Nothing new was found: what was found in {found[KNOWN]} of {of} is known"
    if not results["counts"][PASSED]:
        return "Nothing was run: every row was skipped"
    return _passed(results, rows)


def _passed(results: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """``Passed: 67 of 68 rows (1 skipped)``. A row that passed on one host and was skipped on the others has passed."""
    hosts = [host for host in results["hosts"].values() if has_result(host)]
    found = [{host["scenarios"][row.place]["verdict"] for host in hosts} for row in rows]
    passed = sum(PASSED in words for words in found)
    skipped, partly = len(found) - passed, sum({PASSED, SKIPPED} <= words for words in found)
    told = [f"{skipped} skipped"] if skipped else []
    told += [f"{partly} skipped on some hosts"] if partly else []
    return f"Passed: {passed} of {number_of(len(rows), 'row')}" + (f" ({', '.join(told)})" if told else "")


def facts(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was run, with what, when: names and values."""
    hosts: Mapping[str, Any] = results["hosts"]
    source = results["bot_source"]
    where = source.get("source", "")
    ref = source.get("ref")
    systems = Counter(platform(host) for host in hosts.values() if host["system"])
    versions = results["versions"]
    pairs = {
        "Bot": results["bot"],
        "From": f"{where} at {ref}" if ref else where,
        "Profile": results["profile"],
        "Began": moment(results["started"]),
        "Took": duration(results["seconds"]),
        "Hosts": ", ".join(f"{count} {name}" for name, count in systems.most_common()) or str(len(hosts)),
        "Made with": ", ".join(
            f"{name.replace('_', '-')} {version}" for name, version in sorted(versions.items())
        ),
    }
    return [(name, plain(value, _SENTENCE)) for name, value in pairs.items() if value]


def platform(host: Mapping[str, Any]) -> str:
    """``Linux x86_64``; of a host that did not say, ``unknown``."""
    system = host["system"]
    return plain(f"{system['system']} {system['machine']}", 100) if system else "unknown"


def remarks(name: str, host: Mapping[str, Any]) -> list[str]:
    """What is to be said of a host itself, beside its scenarios."""
    said = [in_one_line(item, _SENTENCE) for item in wrong_with(name, host)]
    if host["stopped"]:
        said.append(f"stopped early, by {in_one_line(host['stopped']['by'], 100)}")
    return said


def moment(word: str) -> str:
    """A time of a document as people read it: ``26 November 2026, 01:45 UTC``."""
    try:
        when = datetime.fromisoformat(word)
    except ValueError:
        return plain(word, 60)
    return f"{when.day} {when:%B %Y, %H:%M} UTC"
