"""Known findings: the one place where a run's list of them changes a verdict.

Hosts say what they saw. What is on the list is ``known`` in the results, and masks nothing any more; what has expired
counts again, and says so. What is on the list, was looked for and is no longer found makes the run fail (``gone``): a
list that names what is repaired would hide it if it came back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_controller.catalogue.selectors import BASELINE
from fleet_stress.judge.check_list import HELD, LEFT_OUT, NOT_PROVED, VISIT
from fleet_stress.judge.grounds import STEPS
from fleet_stress.judge.left_out import FAULT
from fleet_stress.judge.settle import as_advice, masking, with_verdict
from fleet_stress.store.verdict import FAILED, KNOWN, NOT_EXERCISED, PASSED

Document = dict[str, Any]
FOUND, GONE, EXPIRED, NOT_LOOKED_AT = "found", "gone", "expired", "not_looked_at"
#: What of an entry of the list is told with a finding, and with the run.
_TOLD = ("reason", "link", "expires")
_ABOUT = ("check", "subject", "rows", "verdict", "strict", *_TOLD)


class KnownFindings:
    """The list of one run."""

    def __init__(self, known: Mapping[str, Any] | None, day: str) -> None:
        """``known`` is what ``catalogue/known_findings.py`` has read, ``day`` the one on which the run began."""
        self._file = str(known["file"]) if known else ""
        self._entries: list[Mapping[str, Any]] = list(known["entries"]) if known else []
        self._expired = [bool(entry["expires"]) and entry["expires"] < day for entry in self._entries]

    def settle(self, entries: Sequence[Document]) -> list[Document]:
        """All entries of one host with what the list makes of them."""
        if not self._entries:
            return list(entries)
        baseline = [entry["findings"] for entry in entries if entry["scenario"] == BASELINE]
        of_baseline: Sequence[Document] = baseline[0] if baseline else ()
        return [self._settled(entry, of_baseline) for entry in entries]

    def told(self, hosts: Mapping[str, Mapping[str, Any]]) -> Document | None:
        """The ``known`` of the results: each entry of the list, and what became of it; None: there is no list.

        ``hosts``: as the results have them, with settled entries.
        """
        if not self._file:
            return None
        return {"file": self._file, "entries": [self._told(number, hosts) for number in range(len(self._entries))]}

    def _settled(self, entry: Document, of_baseline: Sequence[Mapping[str, Any]]) -> Document:
        if entry["verdict"] not in (FAILED, NOT_EXERCISED):
            return entry
        known, findings, masked = [], [], []
        for finding in entry["findings"]:
            number = self._number(finding, entry["scenario"])
            if number is None:
                findings.append(self._with_expiry(finding, entry["scenario"]))
            else:
                known.append(self._accepted(finding, number))
        for finding in entry["known_from_baseline"]:
            number = self._number(finding, entry["scenario"])
            number = self._of_mask(finding, of_baseline) if number is None else number
            if number is None:
                masked.append(finding)
            else:
                known.append(self._accepted(finding, number))
        if not known and findings == entry["findings"]:
            return entry
        settled = with_verdict({**entry, "known": known}, findings, masked)
        settled["checks"] = [_state(item, known) for item in entry["checks"]]
        if settled["verdict"] == PASSED:
            reasons = [f"known ({finding['known']['reason']}): {finding['reason']}" for finding in known]
            settled.update(verdict=KNOWN, reasons=list(dict.fromkeys(reasons)))
        return as_advice(settled) if settled.pop("advice", False) else settled

    def _number(self, finding: Mapping[str, Any], scenario: str, *, expired: bool = False) -> int | None:
        """The entry of the list that a finding of a scenario is; None: it is not on it."""
        for number, entry in enumerate(self._entries):
            if self._expired[number] == expired and _is(entry, finding) and scenario in entry["scenarios"]:
                return number
        return None

    def _of_mask(self, finding: Mapping[str, Any], of_baseline: Sequence[Mapping[str, Any]]) -> int | None:
        """The entry of what masks a finding, if all that masks it is on the list."""
        keys = masking(finding["check"], finding["subject"], of_baseline)
        by = [item for item in of_baseline if (item["check"], item["subject"]) in keys and item["verdict"] == FAILED]
        numbers = [self._number(item, BASELINE) for item in by]
        return numbers[0] if numbers and None not in numbers else None

    def _accepted(self, finding: Mapping[str, Any], number: int) -> Document:
        entry = self._entries[number]
        return {**finding, "known": {"number": number, **{word: entry[word] for word in _TOLD}}}

    def _with_expiry(self, finding: Document, scenario: str) -> Document:
        number = self._number(finding, scenario, expired=True)
        if number is None:
            return finding
        entry = self._entries[number]
        return {**finding, "reason": f"known until {entry['expires']} ({entry['reason']}): {finding['reason']}"}

    def _told(self, number: int, hosts: Mapping[str, Mapping[str, Any]]) -> Document:
        entry = self._entries[number]
        on: set[tuple[str, str]] = set()
        missed: dict[str, str] = {}
        for name, host in hosts.items():
            for row in host["scenarios"]:
                if row["scenario"] not in entry["scenarios"]:
                    continue
                if any(_is(entry, finding) for finding in _all_findings(row)):
                    on.add((name, row["scenario"]))
                elif _was_looked_for(entry, row):
                    missed[row["scenario"]] = row["row"]
        found_in = {scenario for _, scenario in on}
        gone = [
            {"row": row, "scenario": scenario}
            for scenario, row in sorted(missed.items())
            if scenario not in found_in
        ]
        stale = gone and entry["strict"]
        state = EXPIRED if self._expired[number] else GONE if stale else FOUND if on else NOT_LOOKED_AT
        found = [{"host": name, "scenario": scenario} for name, scenario in sorted(on)]
        return {**{word: entry[word] for word in _ABOUT}, "state": state, "found": found, "gone": gone}


def gone(results: Mapping[str, Any]) -> Iterator[str]:
    """What is on the list and no longer found, in sentences that say what to do."""
    known = results.get("known") or {"file": "", "entries": ()}
    for entry in known["entries"]:
        if entry["strict"] and entry["gone"]:
            where = ", ".join(f"{item['row']} {item['scenario']}" for item in entry["gone"])
            yield (
                f"known finding {entry['check']} {entry['subject']!r} is no longer found in {where}:"
                f" remove it from {known['file']} (make accept does)"
            )


def _is(entry: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    """Whether an entry of the list means a finding. One that proved nothing is none that failed."""
    same = (entry["check"], entry["verdict"]) == (finding["check"], finding["verdict"])
    return same and matches(entry["subject"], finding["subject"])


def matches(pattern: str, text: str) -> bool:
    """Whether a text is a pattern in which ``*`` stands for any text. In linear time, whatever hosts send."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _all_findings(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for word in ("findings", "known_from_baseline", "known"):
        yield from row.get(word, ())


def _was_looked_for(entry: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a row that has no such finding proves that it is gone: its check was asked, and could have found it."""
    if row["verdict"] not in (PASSED, FAILED, KNOWN, NOT_EXERCISED):
        return False
    if not row["checks"]:  # of an engine that did not list them
        return bool(row["verdict"] != NOT_EXERCISED)
    if any(item["state"] != HELD for item in row["checks"] if item["check"] in (STEPS, FAULT)):
        return False  # it did not run to its end, or its fault missed the bot
    states = {item["state"] for item in row["checks"] if item["check"] == entry["check"]}
    if entry["check"] == VISIT:
        points = row["measures"].get("points", {"known": 0, "visited": -1})
        return bool(states) and points["known"] == points["visited"]
    return not states & {NOT_PROVED, LEFT_OUT} and (bool(states) or row["verdict"] in (PASSED, KNOWN))


def _state(item: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Document:
    """A check's line: known where all that it found is."""
    accepted = {finding["subject"] for finding in known if finding["check"] == item["check"]}
    subjects = set(item.get("subjects", ()))
    return {**item, "state": KNOWN} if subjects and subjects <= accepted else dict(item)
