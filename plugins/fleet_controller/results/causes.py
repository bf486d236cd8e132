"""What did not pass, by its cause: the same finding on many hosts and rows is one thing to repair.

Numbers are no part of what tells causes apart: a line, a count or a time changes, and the cause stays. What follows from
another finding of its row, or is masked by the baseline, belongs to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_controller.catalogue.selectors import BASELINE
from fleet_controller.runs.host_result import has_result
from fleet_stress.judge.check_list import VISIT
from fleet_stress.judge.settle import masking
from fleet_stress.judge.without_numbers import without_numbers
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED

Document = dict[str, Any]
_Key = tuple[str, ...]
_ORDER = (FAILED, ERROR, NOT_EXERCISED)


def causes(hosts: Mapping[str, Mapping[str, Any]]) -> list[Document]:
    """The ``causes`` of the results: of what failed, then of errors, then of what was not proved; the most frequent first.

    ``hosts``: as the results have them. What is known, or only advice, is not among them; nor are hosts that never ran.
    """
    found: dict[_Key, Document] = {}
    for name, host in hosts.items():
        if not has_result(host):
            continue
        of_baseline = [row["findings"] for row in host["scenarios"] if row["scenario"] == BASELINE]
        for row in host["scenarios"]:
            if row["verdict"] not in _ORDER or row.get("advice") or row.get("not_asked"):
                continue
            for key, cause, is_masked in _of_row(row, of_baseline[0] if of_baseline else ()):
                known = found.setdefault(key, {**cause, "cells": [], "masked": []})
                cells = known["masked" if is_masked else "cells"]
                cell = {"host": name, "scenario": row["scenario"]}
                if cell not in cells:
                    cells.append(cell)
    return sorted(found.values(), key=_rank)


def _rank(cause: Mapping[str, Any]) -> tuple[int, int]:
    return _ORDER.index(cause["verdict"]), -len(cause["cells"]) - len(cause["masked"])


def _of_row(
    row: Mapping[str, Any], of_baseline: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[_Key, Document, bool]]:
    """The causes of one row's verdict; of those in the baseline, that they mask it."""
    deciding = [finding for finding in row["findings"] if finding["verdict"] == row["verdict"]]
    keys = {(finding["check"], finding["subject"]) for finding in deciding}
    for finding in deciding:
        follows = finding.get("follows")
        if not follows or (follows["check"], follows["subject"]) not in keys:
            yield *_cause(finding, row["scenario"]), False
    masked = row["known_from_baseline"] if row["verdict"] == NOT_EXERCISED else ()
    for finding in masked:
        by = masking(finding["check"], finding["subject"], of_baseline)
        for item in of_baseline:
            if item["verdict"] == FAILED and (item["check"], item["subject"]) in by:
                yield *_cause(_root(item, of_baseline), BASELINE), True
    if not deciding and not masked:
        reason = row["reasons"][0] if row["reasons"] else ""
        yield _key(row["verdict"], "", "", reason), _told(row["verdict"], "", "", reason), False


def _root(finding: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a finding follows from, or itself."""
    follows = finding.get("follows")
    return next((item for item in findings if follows and all(item[word] == follows[word] for word in follows)), finding)


def _cause(finding: Mapping[str, Any], scenario: str) -> tuple[_Key, Document]:
    verdict, check, subject, reason = (finding[word] for word in ("verdict", "check", "subject", "reason"))
    if check == VISIT:  # the points of a scenario, by what went wrong at them
        return _key(verdict, check, scenario, reason.partition(": ")[2]), _told(verdict, check, subject, reason)
    return _key(verdict, check, subject, reason), _told(verdict, check, subject, reason)


def _key(verdict: str, check: str, subject: str, reason: str) -> _Key:
    # What comes after a semicolon is detail: the bot's last words, the command that repeats it.
    return verdict, check, without_numbers(subject), without_numbers(reason.partition(";")[0])


def _told(verdict: str, check: str, subject: str, reason: str) -> Document:
    return {"verdict": verdict, "check": check, "subject": subject, "reason": reason}
