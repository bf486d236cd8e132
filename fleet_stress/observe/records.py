"""Files of records (JSON Lines, jsonlines.org; CSV, RFC 4180) as one JSON array, so that checks need to know no format.

A kill in the middle of an append leaves half a last line, the commonest damage to such files. While the bot runs, that
is an append that goes on; at rest it is damage, as is a line that half a one was glued to.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from typing import Any

from fleet_stress.store.bounded_read import from_json

#: Characters of a damaged line that are told.
_SHOWN = 60


class NotWhole(ValueError):
    """A line is not whole; the message says which."""


def of_json_lines(data: bytes, *, at_rest: bool) -> list[Any]:
    """One value a line, empty ones left out. Raises NotWhole."""
    found = []
    for number, line, ended in _lines(data):
        if not line.strip():
            continue
        try:
            value = from_json(line)
            whole = ended or isinstance(value, (dict, list))  # half of 12 is 1
        except ValueError:
            whole = False
        if not whole:
            if not ended and not at_rest:
                break
            raise NotWhole(f"line {number} is not whole: {_told(line)}")
        found.append(value)
    return found


def of_csv(data: bytes, *, at_rest: bool) -> list[dict[str, Any]]:
    """One mapping for each row after the first, which has the names. A number is a number. Raises NotWhole."""
    text = data.decode("utf-8", "replace")
    if not at_rest:
        text = text[: text.rfind("\n") + 1]
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    names: list[str] | None = None
    found = []
    try:
        for row in reader:
            if names is None:
                names = row
            elif row and len(row) != len(names):
                raise NotWhole(
                    f"line {reader.line_num} has {len(row)} values, not {len(names)}: {_told(','.join(row))}"
                )
            elif row:
                found.append(dict(zip(names, map(_value, row))))
    except csv.Error as problem:
        if not at_rest and "unexpected end" in str(problem):  # a value of several lines is being written
            return found
        raise NotWhole(f"line {reader.line_num}: {problem}") from problem
    return found


#: By format.
READERS: Mapping[str, Callable[..., list[Any]]] = {"jsonl": of_json_lines, "csv": of_csv}


def as_json(kind: str, data: bytes, *, at_rest: bool) -> bytes:
    """All records as a JSON array; of damaged ones, a sentence, which is no JSON."""
    try:
        return json.dumps(READERS[kind](data, at_rest=at_rest)).encode()
    except NotWhole as problem:
        return str(problem).encode()


def _lines(data: bytes) -> list[tuple[int, bytes, bool]]:
    """Number, line, and whether it ends in a line end."""
    lines = data.split(b"\n")
    ended = [(number, line, True) for number, line in enumerate(lines[:-1], start=1)]
    return [*ended, (len(lines), lines[-1], False)]


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _told(line: bytes | str) -> str:
    text = line if isinstance(line, str) else line.decode("utf-8", "replace")
    return ascii(text[:_SHOWN])
