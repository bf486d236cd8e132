"""Two versions of a bot under the same plan: which rows got better, worse, stayed, or cannot be compared.

Only `passed` and `failed` say something about a bot. From a row that proved nothing (`not_exercised`,
`skipped`, `error`) in either run nothing follows, and it is told as that: neither better nor worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from fleet_controller.messages.errors import UserError
from fleet_controller.results.finished_run import differences
from fleet_controller.messages.text import number_of
from fleet_stress.store.verdict import FAILED, KNOWN, NOT_EXERCISED, ORDER, PASSED

COMPARISON = "compare.json"
WORSE, BETTER, STAYED, UNKNOWN = "worse", "better", "stayed", "not_compared"
#: In the order that a person wants to see them in.
CHANGES = (WORSE, UNKNOWN, BETTER, STAYED)
#: What a person calls them.
SAID = {WORSE: "worse", UNKNOWN: "not compared", BETTER: "better", STAYED: "stayed"}
_PROVED = (FAILED, PASSED)
#: Of a run, for the record.
_ABOUT = ("run_id", "bot_source", "versions", "verdict", "counts")
Document = dict[str, Any]


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Document:
    """The document that ``schemas/compare.schema.json`` describes, from the results of two runs.

    Rows that got worse come first, then those that cannot be compared.

    Raises:
        UserError: The same run twice, or runs that were not given the same plan.
    """
    if old["run_id"] == new["run_id"]:
        do = "name two runs: -e old_run=ID -e new_run=ID"
        raise UserError(
            "a run is not compared with itself", f"run {new['run_id']}", "old and new are the same", do
        )
    apart = differences(old, new)
    if apart:
        where = f"runs {old['run_id']} and {new['run_id']}"
        do = "compare runs of the same bot, profile and scenarios"
        raise UserError("these runs cannot be compared", where, "; ".join(apart), do)
    rows = [
        _row(host, scenario, before.get(scenario), after.get(scenario))
        for host in sorted({*old["hosts"], *new["hosts"]})
        for before, after in [(_entries(old, host), _entries(new, host))]
        for scenario in new["scenarios"]
    ]
    rows.sort(key=lambda row: CHANGES.index(row["change"]))
    counts = Counter(row["change"] for row in rows)
    return {
        "format": 1,
        "bot": new["bot"],
        "profile": new["profile"],
        "scenarios": list(new["scenarios"]),
        "old": {name: old[name] for name in _ABOUT},
        "new": {name: new[name] for name in _ABOUT},
        "counts": {change: counts[change] for change in CHANGES},
        "rows": rows,
    }


def change(old: str | None, new: str | None) -> str:
    """What became of a row, from its two verdicts; None: the host was not in that run."""
    if old not in _PROVED or new not in _PROVED:
        return UNKNOWN
    if old == new:
        return STAYED
    # The graver verdict stands before the other.
    return WORSE if ORDER.index(new) < ORDER.index(old) else BETTER


def proved(entry: Mapping[str, Any]) -> str:
    """A row's verdict as to the bot alone: a known failure is a failure, whoever accepts it."""
    if entry["verdict"] != KNOWN:
        return str(entry["verdict"])
    return FAILED if any(finding["verdict"] == FAILED for finding in entry["known"]) else NOT_EXERCISED


def complaint(comparison: Mapping[str, Any], where: str) -> str | None:
    """Why the play has to fail, in one line; None: nothing got worse. Nothing compared proves nothing."""
    counts = comparison["counts"]
    if counts[WORSE]:
        return f"{number_of(counts[WORSE], 'row')} got worse; see {where}"
    if not counts[BETTER] and not counts[STAYED]:
        return f"nothing could be compared: no row proved something in both runs; see {where}"
    return None


def source_of(run: Mapping[str, Any]) -> str:
    """Where the bot of a run came from: ``https://example.org/bot.git at v1.4``."""
    ref = run["bot_source"].get("ref")
    source = run["bot_source"].get("source") or "the bot's own source"
    return f"{source}{f' at {ref}' if ref else ''}"


def _entries(results: Mapping[str, Any], host: str) -> dict[str, Document]:
    """What a run says of a host's scenarios; empty: the host was not in it."""
    found = results["hosts"].get(host)
    return {scenario["scenario"]: scenario for scenario in found["scenarios"]} if found else {}


def _row(host: str, scenario: str, old: Document | None, new: Document | None) -> Document:
    known = new or old or {}
    return {
        "host": host,
        "scenario": scenario,
        "row": known["row"],
        "title": known["title"],
        "change": change(proved(old) if old else None, proved(new) if new else None),
        "old": _side(old),
        "new": _side(new),
        "new_findings": _only_new(old, new),
        "repeat": new["repeat"] if new else None,
    }


def _side(entry: Document | None) -> Document | None:
    return entry and {name: entry[name] for name in ("verdict", "reasons", "seconds", "evidence")}


def _only_new(old: Document | None, new: Document | None) -> list[str]:
    """What the checks have against the new version only, where both failed: it stayed red, but not the same red."""
    if not old or not new or proved(old) != FAILED or proved(new) != FAILED:
        return []
    known = {(finding["check"], finding["subject"]) for finding in (*old["findings"], *old.get("known", ()))}
    return [
        finding["reason"]
        for finding in (*new["findings"], *new.get("known", ()))
        if finding["verdict"] == FAILED and (finding["check"], finding["subject"]) not in known
    ]
