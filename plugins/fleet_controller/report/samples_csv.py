"""``samples.csv``: what was measured of running bots, one line a sample, for a spreadsheet or a notebook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.untrusted.bounded_json import read_json
from fleet_controller.untrusted.packed_evidence import unpacked
from fleet_controller.untrusted.sample_lines import samples_of
from fleet_stress.store.sample_lines import MEASURES, WHEN

SAMPLES = "samples.csv"
#: The first are as they always were; programs read this file by the place of a column, too.
_FIRST = (
    *("start", "at", "cycles", "rss", "private", "handles", "threads", "cpu"),
    *("host_time", "host_idle", "processes"),
)
NUMBERS = (*_FIRST, *(word for word in (*WHEN, *MEASURES) if word not in _FIRST))
COLUMNS = ("host", "row", "scenario", *NUMBERS)
#: Longer evidence is not read; so many lines has the file, thinned out evenly beyond. Bytes, lines.
_EVIDENCE_BYTES, _LINES = 30_000_000, 500_000
#: No clock or counter shows more.
_LARGEST = 1e15
#: A spreadsheet takes a cell that begins so for a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def samples(folder: Path, results: Mapping[str, Any]) -> bytes | None:
    """The file for a run's folder; None where nothing was measured. Damaged evidence is passed over.

    Never more than twice ``_LINES`` lines are held: where there are too many, every second one of each scenario goes.
    """
    kept: list[list[str]] = []
    every, total = 1, 0
    for lines in _found(folder, results):
        kept.append(lines[::every])
        total += len(kept[-1])
        while total > _LINES and any(len(item) > 1 for item in kept):
            kept, every = [item[::2] for item in kept], every * 2
            total = sum(map(len, kept))
    if not kept:
        return None
    head = _line(COLUMNS)
    return "".join([head, *(line for lines in kept for line in lines)]).encode()


def _found(folder: Path, results: Mapping[str, Any]) -> Iterator[list[str]]:
    """The lines of each scenario that has any, at most as many as the file may have."""
    for name, host in results["hosts"].items():
        for scenario in host["scenarios"]:
            some = _samples(folder / scenario["evidence"]) if scenario["evidence"] else []
            if some:
                cells = [_cell(word) for word in (name, scenario["row"], scenario["scenario"])]
                every = -(-len(some) // _LINES)
                yield [_line((*cells, *_numbers(sample))) for sample in some[::every]]


def _line(cells: Iterable[Any]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()


def _samples(evidence: Path) -> list[Mapping[str, Any]]:
    with unpacked(evidence, deep=False) as folder:
        try:
            found = read_json(folder / "evidence.json", _EVIDENCE_BYTES)
        except (OSError, ValueError, RecursionError):
            return []
        some = samples_of(folder, found) if isinstance(found, Mapping) else []
    return [item for item in some if isinstance(item, Mapping)]


def _numbers(sample: Mapping[str, Any]) -> list[Any]:
    """A host says what it likes; only numbers are taken from it."""
    return [_number(sample.get(name)) for name in NUMBERS]


def _number(value: Any) -> Any:
    wrong = isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > _LARGEST
    return "" if wrong else value


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
