"""Which scenarios: names, ``row:1.3``, ``all``, and what to leave out with a ``-`` before it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from fleet_controller.messages.errors import Problems, UserError, did_you_mean, listed

BASELINE = "baseline"
ALL = "all"
_ROW = "row:"


def words(asked: Any) -> list[str]:
    """The selectors in what ``-e scenarios=`` brought: text with commas or blanks, or a list of such."""
    if asked is None:
        return []
    if isinstance(asked, (list, tuple)):
        return [word for item in asked for word in words(item)]
    if not isinstance(asked, str):
        what = f"{asked!r} chooses no scenarios"
        raise UserError(what, "scenarios", "names and selectors are text", "write -e scenarios=all")
    return [word for word in re.split(r"[\s,]+", asked) if word]


def choose(asked: Any, rows: Mapping[str, str], by_hand: Collection[str] = ()) -> list[str]:
    """Ids of the chosen scenarios, the baseline first, the rest by row.

    ``rows``: row by id, the whole catalogue. ``by_hand``: those that run only when they are named. Nothing
    asked for means all; the order of selectors does not matter. Raises UserError for a selector that means
    nothing, and when nothing is left.
    """
    problems = Problems()
    selectors = words(asked)
    taken: set[str] = set()
    left_out: set[str] = set()
    for selector in selectors:
        leave = selector.startswith("-")
        found = _meant(selector.removeprefix("-"), rows, problems)
        if leave and BASELINE in found and found != list(rows):
            problems.add(
                f"`{selector}` leaves out the baseline",
                "scenarios",
                "without it nobody knows what the bot does when nothing is done to it",
                "take this selector out",
            )
        if selector not in rows and not leave:
            found = [item for item in found if item not in by_hand]
        (left_out if leave else taken).update(found)
    problems.raise_any()
    if all(selector.startswith("-") for selector in selectors):
        taken = set(rows) - set(by_hand)
    chosen = taken - left_out
    if not chosen:
        do = "leave out less"
        raise UserError(f"`{','.join(selectors)}` leaves no scenario", "scenarios", "all are left out", do)
    return [BASELINE, *sorted(chosen - {BASELINE}, key=lambda item: (row_key(rows[item]), item))]


def matches(row: str, asked: str) -> bool:
    """Whether ``row:ASKED`` means a row: itself, its letters and what is below; 1.3 is not 1.30."""
    row, asked = row.upper(), asked.upper()
    return row == asked or (row.startswith(asked) and not row[len(asked)].isdigit())


def row_key(row: str) -> tuple[tuple[int, str], ...]:
    """A row to sort by: 1.3B comes after 1.3A and before 1.10."""
    parts = re.findall(r"([0-9]+)([A-Za-z]*)", row)
    return tuple((int(number), letters) for number, letters in parts)


def _meant(selector: str, rows: Mapping[str, str], problems: Problems) -> Sequence[str]:
    if selector == ALL:
        return list(rows)
    if selector.startswith(_ROW):
        asked = selector.removeprefix(_ROW)
        # A row that ends in a digit matches what goes on with a dot or a letter; nothing matches "1.".
        found = [item for item, row in rows.items() if asked[-1:].isalnum() and matches(row, asked)]
        if not found:
            _unknown(problems, "row", asked, sorted(set(rows.values()), key=row_key))
        return found
    if selector in rows:
        return [selector]
    _unknown(problems, "scenario", selector, [*rows, ALL])
    return []


def _unknown(problems: Problems, noun: str, word: str, known: Iterable[str]) -> None:
    there = list(known)
    do = did_you_mean(
        word, there, "use one of these, or row:1.3 for a row" if noun == "scenario" else "use one"
    )
    problems.add(f"unknown {noun} `{word}`", "scenarios", f"there is: {listed(there)}", do)
