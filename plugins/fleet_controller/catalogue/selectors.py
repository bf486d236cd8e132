"""Which scenarios: names, rows (``1.3``, ``row:1.3``), ``all``, ``failed``; and with a ``-``, what to leave out."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fleet_controller.messages.errors import Problems, UserError, did_you_mean, nearest, there_is

BASELINE = "baseline"
ALL = "all"
#: What did not pass last time, on each host its own.
FAILED = "failed"
_ROW = "row:"
#: A row may be given without that word: no scenario's name begins with a digit.
_AS_ROW = re.compile(r"(?:row:(.*)|(?:row)?(\d.*))", re.IGNORECASE)
_SHOWN = "`make list LIST=scenarios` shows them"


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


def choose(
    asked: Any,
    rows: Mapping[str, str],
    by_hand: Collection[str] = (),
    failed: Mapping[str, Collection[str]] | None = None,
) -> dict[str, list[str] | None]:
    """Ids of the chosen scenarios, the baseline first, the rest by row; and on which hosts each runs, None for all.

    Args:
        asked: Selectors. Nothing asked for means all; their order does not matter.
        rows: Row by id, the whole catalogue.
        by_hand: Those that run only when they are named.
        failed: What ``failed`` means: ids by host. None where that is not known.

    Raises UserError for a selector that means nothing, and when nothing is left.
    """
    everywhere = _choose(asked, rows, by_hand, failed)
    if FAILED not in words(asked):
        return dict.fromkeys(everywhere)
    if words(asked) == [FAILED] and not any((failed or {}).values()):
        why = "on these hosts every row that ran last time passed"
        raise UserError(
            f"`{FAILED}` leaves no scenario", "scenarios", why, "run them again: -e scenarios=all"
        )
    own = {host: set(_choose(asked, rows, by_hand, {host: ids})) for host, ids in (failed or {}).items()}
    on = {item: sorted(host for host, ids in own.items() if item in ids) for item in everywhere}
    return {item: None if len(hosts) == len(own) else hosts for item, hosts in on.items()}


def _choose(
    asked: Any,
    rows: Mapping[str, str],
    by_hand: Collection[str],
    failed: Mapping[str, Collection[str]] | None,
) -> list[str]:
    problems = Problems()
    selectors = words(asked)
    taken: set[str] = set()
    left_out: set[str] = set()
    for selector in selectors:
        leave = selector.startswith("-")
        found = _meant(selector.removeprefix("-"), rows, failed, problems)
        if leave and BASELINE in found and found != list(rows):
            problems.add(
                f"`{selector}` leaves out the baseline",
                "scenarios",
                "without it nobody knows what the bot does when nothing is done to it",
                "take this selector out",
            )
        if selector not in rows and selector != FAILED and not leave:
            found = [item for item in found if item not in by_hand]
        (left_out if leave else taken).update(found)
    problems.raise_any()
    if all(selector.startswith("-") for selector in selectors):
        taken = set(rows) - set(by_hand)
    chosen = taken - left_out
    if not chosen and FAILED not in selectors:
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


def _meant(
    selector: str,
    rows: Mapping[str, str],
    failed: Mapping[str, Collection[str]] | None,
    problems: Problems,
) -> Sequence[str]:
    if selector == ALL:
        return list(rows)
    if selector == FAILED:
        if failed is None:
            why = "that is known of the hosts of a run, and here is none"
            problems.add(f"`{FAILED}` means nothing here", "scenarios", why, "name scenarios or rows")
        return [item for ids in (failed or {}).values() for item in ids if item in rows]
    if selector in rows:
        return [selector]
    row = _AS_ROW.fullmatch(selector)
    if row is None:
        problems.add(
            f"unknown scenario `{selector}`", "scenarios", *_scenario_meant(selector, [*rows, ALL, FAILED])
        )
        return []
    asked = row[1] if row[1] is not None else row[2]
    # A row that ends in a digit matches what goes on with a dot or a letter; nothing matches "1.".
    found = [item for item, row in rows.items() if asked[-1:].isalnum() and matches(row, asked)]
    if not found:
        problems.add(f"unknown row `{asked}`", "scenarios", *_row_meant(asked, rows))
    return found


def _scenario_meant(word: str, known: Sequence[str]) -> tuple[str, str]:
    """Why a word is no scenario, and what to do."""
    if any(sign in word for sign in "*?["):
        fit = ",".join(fnmatch.filter(known, word))
        return "a name is not a pattern", f"write them out: {fit}" if fit else _SHOWN
    if nearest(word, known):
        return there_is(word, known), did_you_mean(word, known)
    return f"the catalogue has {len(known) - 2} scenarios", f"{_SHOWN}; row:1.3 takes a row"


def _row_meant(asked: str, rows: Mapping[str, str]) -> tuple[str, str]:
    """Why there is no such row, and what to do. Another number is another row: only a letter is taken for a slip."""
    known = sorted(set(rows.values()), key=row_key)
    above = asked.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.")
    there = [row for row in known if above and matches(row, above)]
    if there and above != asked:
        return there_is("", there), f"did you mean `{_ROW}{above}`?"
    return f"rows go from {known[0]} to {known[-1]}", _SHOWN
