"""The table of a comparison: what got worse, what cannot be compared and why, what got better; the rest is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from fleet_controller.messages.terminal import Drawn, open_table, screen, written
from fleet_controller.messages.text import first_of, in_one_line, number_of, plain
from fleet_controller.results.compare import BETTER, CHANGES, SAID, STAYED, UNKNOWN, WORSE, source_of
from fleet_stress.store.verdict import FAILED, PASSED

#: So many lines of a kind are shown, and the rest is counted: the whole is in compare.json.
LINES_LIMIT = 25
REPEATS_LIMIT = 5
_REASON = 160
_STYLES = {WORSE: "red", UNKNOWN: "yellow", BETTER: "green", STAYED: "dim"}
_UNCUT = ("change", "row", "scenario", "old", "new")


def compare_table(comparison: Mapping[str, Any], where: str, width: int = 100, colour: bool = False) -> Drawn:
    """What ``compare`` found, for a person.

    Args:
        comparison: The document.
        where: compare.json, as it is to be named.
        width: Of the terminal, in characters. Commands are longer, so that they can be copied.
        colour: With colour codes.
    """
    console, stream = screen(width, colour)
    if comparison["rows"]:
        console.print(_lines(comparison["rows"]))
    left = sum(max(0, len(group) - LINES_LIMIT) for group in _groups(comparison["rows"]).values())
    if left:
        console.print(Text(f"… and {left} more lines, in compare.json"))
    for text in _last(comparison, where):
        console.print(text, soft_wrap=True)
    return written(stream)


def _lines(rows: list[Mapping[str, Any]]) -> Any:
    """The same thing on several hosts is one line."""
    grid = open_table("change", "row", "scenario", "old", "new", "on", "why", uncut=_UNCUT)
    for change, group in _groups(rows).items():
        for (row, scenario, old, new, why), hosts in list(group.items())[:LINES_LIMIT]:
            on = first_of(hosts)
            grid.add_row(Text(SAID[change], _STYLES[change]), row, scenario, old, new, Text(on), Text(why))
    return grid


def _groups(rows: list[Mapping[str, Any]]) -> dict[str, dict[tuple[str, ...], list[str]]]:
    """Hosts by what became of a row there, and by change, worse first."""
    found: dict[str, dict[tuple[str, ...], list[str]]] = {change: {} for change in CHANGES}
    for row in rows:
        key = (row["row"], row["scenario"], _verdict(row["old"]), _verdict(row["new"]), _why(row))
        found[row["change"]].setdefault(key, []).append(plain(row["host"]))
    return found


def _verdict(side: Mapping[str, Any] | None) -> str:
    return side["verdict"] if side else "-"


def _why(row: Mapping[str, Any]) -> str:
    """The reason that a person needs first: of the new version where it has one, else of the old one."""
    if row["new"] is None or row["old"] is None:
        return f"this host is not in the {'new' if row['new'] is None else 'old'} run"
    if row["new_findings"]:
        return in_one_line(f"failed before too; new is: {row['new_findings'][0]}", _REASON)
    if row["change"] == UNKNOWN:
        which = "new" if row["new"]["verdict"] not in (PASSED, FAILED) else "old"
        return in_one_line(f"nothing was proved: {_first(row[which])}", _REASON)
    if row["change"] == BETTER:
        return in_one_line(f"before: {_first(row['old'])}", _REASON)
    return in_one_line(_first(row["new"]), _REASON)


def _first(side: Mapping[str, Any]) -> str:
    if side["verdict"] == PASSED:
        return ""
    return str(side["reasons"][0]) if side["reasons"] else "no reason was given"


def _last(comparison: Mapping[str, Any], where: str) -> Iterator[Text]:
    """Counts, which runs these were, and how to see again what got worse."""
    counts = comparison["counts"]
    worst = next((change for change in CHANGES if counts[change]), STAYED)
    hosts = number_of(len({row["host"] for row in comparison["rows"]}), "host")
    headline = (
        ", ".join(f"{counts[item]} {SAID[item]}" for item in CHANGES if counts[item])
        or "nothing was compared"
    )
    yield Text(f"{headline} on {hosts}", _STYLES[worst])
    for which in ("old", "new"):
        run = comparison[which]
        yield Text(f"{which}:     {plain(source_of(run))} (run {run['run_id']})")
    versions = [comparison[which]["versions"].get("fleet_stress", "?") for which in ("old", "new")]
    if versions[0] != versions[1]:
        yield Text(
            plain(f"careful: the runs were made with fleet-stress {versions[0]} and {versions[1]}"), "yellow"
        )
    yield Text(f"results: {plain(where)}")
    again = [row["repeat"] for row in comparison["rows"] if row["change"] == WORSE and row["repeat"]]
    for command in again[:REPEATS_LIMIT]:
        yield Text(f"again:   {plain(command)}")
    if len(again) > REPEATS_LIMIT:
        yield Text(f"         … and {len(again) - REPEATS_LIMIT} more, in compare.json under `repeat`")
