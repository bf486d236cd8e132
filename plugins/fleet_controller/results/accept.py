"""From a run to the list of known findings: what failed or proved nothing is added, what is gone is removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fleet_controller.messages.text import in_one_line
from fleet_controller.results.known import EXPIRED
from fleet_controller.runs.host_result import has_result
from fleet_stress.judge.check_list import VISIT
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED

Entry = dict[str, Any]
#: Characters of a finding's sentence in its entry.
_REASON = 200
_Key = tuple[str, str, str]


class Accepted(NamedTuple):
    """The new list, and what is new about it."""

    entries: list[Entry]
    #: Entries that were not there before, or have new rows.
    added: list[Entry]
    #: Entries, each with only the rows that were taken from it.
    removed: list[Entry]
    #: Rows on hosts that are no green ones even so, and why: sentences.
    left: list[str]


def accept(results: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Accepted:
    """The list of known findings after a run.

    Args:
        results: What ``collect`` gathered with the list ``known``.
        known: Entries as ``catalogue/known_findings.py`` reads them.
    """
    told = results["known"]["entries"] if results.get("known") else []
    entries, removed = _without_gone(known, told)
    expired = {_key(entry) for entry in told if entry["state"] == EXPIRED}
    rows: dict[_Key, Entry] = {}
    left = []
    for name, host in results["hosts"].items():
        if not has_result(host):
            left.append(f"{name}: it did not run")
            continue
        for row in host["scenarios"]:
            new = [finding for finding in row["findings"] if finding["verdict"] in (FAILED, NOT_EXERCISED)]
            for finding in () if row.get("advice") else new:
                if _key(finding) in expired:
                    left.append(f"{name}: {row['row']} {row['scenario']}: expired: {finding['reason']}")
                    continue
                finding = _in_general(finding)
                entry = rows.setdefault(_key(finding), _new(finding, results["run_id"]))
                entry["rows"] = list(dict.fromkeys([*entry["rows"], row["row"]]))
            left += _not_accepted(name, row, new)
    added = [_added(entries, key, entry) for key, entry in rows.items()]
    return Accepted(entries, added, removed, list(dict.fromkeys(left)))


def _without_gone(
    known: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]
) -> tuple[list[Entry], list[Entry]]:
    """The list without the rows in which it names what is gone, and what was taken out. What comes and goes stays."""
    kept, removed = [], []
    for entry, of_run in zip(known, told, strict=True):
        if not entry["strict"] and entry["verdict"] == FAILED:
            kept.append(dict(entry))
            continue
        gone = {word for word in entry["rows"] if _is_gone(word, of_run)}
        rest = [word for word in entry["rows"] if word not in gone]
        if rest:
            kept.append({**entry, "rows": rest})
        if gone:
            removed.append({**entry, "rows": [word for word in entry["rows"] if word in gone]})
    return kept, removed


def _is_gone(word: str, of_run: Mapping[str, Any]) -> bool:
    """Whether a row or a scenario of an entry looked for its finding in vain."""
    return any(word in (item["row"], item["scenario"]) for item in of_run["gone"])


def _not_accepted(host: str, row: Mapping[str, Any], new: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What no list can make green: an error, or a row that was not run."""
    if row["verdict"] in (FAILED, NOT_EXERCISED) and (new or row["known_from_baseline"]):
        return
    if row["verdict"] in ("error", FAILED, NOT_EXERCISED):
        reason = row["reasons"][0] if row["reasons"] else "no reason was given"
        yield f"{host}: {row['row']} {row['scenario']}: {row['verdict']}: {reason}"


def _added(entries: list[Entry], key: _Key, entry: Entry) -> Entry:
    """Puts a new entry into the list, or its rows into one that is there; says what is new."""
    for known in entries:
        if _key(known) == key:
            known["rows"] = list(dict.fromkeys([*known["rows"], *entry["rows"]]))
            return {**known, "rows": entry["rows"]}
    entries.append(entry)
    return entry


def _in_general(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """Crash points that proved nothing are dozens, of one cause and others each time: one entry means all of a row."""
    if (finding["check"], finding["verdict"]) == (VISIT, NOT_EXERCISED):
        return {**finding, "subject": "*"}
    return finding


def _new(finding: Mapping[str, Any], run_id: str) -> Entry:
    return {
        **{word: finding[word] for word in ("check", "subject", "verdict")},
        "rows": [],
        "reason": f"found in run {run_id}",
        "seen": in_one_line(finding["reason"], _REASON),
    }


def _key(item: Mapping[str, Any]) -> _Key:
    return item["check"], item["subject"], item["verdict"]
