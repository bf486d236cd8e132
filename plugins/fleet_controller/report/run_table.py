"""The table that a run ends with: one line a scenario for one host, rows by hosts for a few, counts for many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet_controller.messages.terminal import Drawn, open_table, screen, written
from fleet_controller.messages.text import first_of, in_one_line, number_of, plain
from fleet_controller.report.remedies import NOT_OF_THE_BOT, remedy_of
from fleet_controller.report.run_remarks import REASON, not_run, remarks, since_earlier
from fleet_controller.report.run_summary import summary
from fleet_controller.report.shared_causes import shared_causes
from fleet_controller.results.by_platform import platform_lines
from fleet_controller.results.known import gone
from fleet_controller.runs.host_result import has_result, host_order
from fleet_controller.runs.repeat_command import repeats
from fleet_controller.runs.verdict_counts import WORDS, counted
from fleet_stress.judge.check_list import HELD
from fleet_stress.judge.without_numbers import without_numbers
from fleet_stress.store.verdict import ALL, ERROR, FAILED, KNOWN, NOT_EXERCISED, PASSED, SKIPPED

#: More hosts than that are no columns any more.
COLUMNS_LIMIT = 10
#: So many lines of a kind are shown, and the rest is counted: the whole is in results.json.
LINES_LIMIT = 25
REPEATS_LIMIT = 5
FIXES_LIMIT = 3
#: From here on a column is too narrow for whole words.
_NARROW = len(NOT_EXERCISED)
_SHORT = {PASSED: "ok", KNOWN: "known", FAILED: "FAIL", NOT_EXERCISED: "n/e", SKIPPED: "skip", ERROR: "ERR"}
_STYLES = {
    PASSED: "green",
    KNOWN: "blue",
    FAILED: "red",
    NOT_EXERCISED: "yellow",
    SKIPPED: "cyan",
    ERROR: "red",
}
_UNCUT = ("verdict", "row", "scenario", ">seconds")
_Host = Mapping[str, Any]


def table(results: Mapping[str, Any], where: str, width: int = 100, colour: bool = False) -> Drawn:
    """What ``collect`` gathered, for a person.

    Args:
        results: The document.
        where: The run's folder, as it is to be named.
        width: Of the terminal, in characters. Commands are longer, so that they can be copied.
        colour: With colour codes.
    """
    console, stream = screen(width, colour)
    hosts = {plain(name): host for name, host in results["hosts"].items()}
    there = {name: host for name, host in hosts.items() if has_result(host)}
    if len(hosts) == 1 and there:
        console.print(_one(next(iter(there.values()))))
    elif there and len(there) <= COLUMNS_LIMIT:
        _few(console, there, width)
    elif there:
        _many(console, there)
    _shared(console, results)
    for line in _limited([Text(remark) for remark in not_run(hosts)]):
        console.print(line, soft_wrap=True)  # with the command that would help
    for line in _limited([Text(remark) for remark in remarks(hosts)]):
        console.print(line)
    for line in _limited([Text(plain(sentence), _STYLES[FAILED]) for sentence in gone(results)]):
        console.print(line)
    for line in _limited([Text(item) for item in since_earlier(results.get("earlier"))]):
        console.print(line)
    for text in _last(results, where):
        console.print(text, soft_wrap=True)
    return written(stream)


def _one(host: _Host) -> Table:
    grid = _grid("verdict", "row", "scenario", ">seconds", "why")
    # Reasons to skip, by the first row that says them: one section that a profile leaves out skips ten rows.
    first: dict[str, str] = {}
    for scenario in host["scenarios"]:
        seconds, why = f"{scenario['seconds']:.1f}", _why(scenario)
        if scenario["verdict"] == SKIPPED and why:
            says_it = first.setdefault(why, scenario["row"])
            why = why if says_it == scenario["row"] else f"as {says_it}"
        grid.add_row(_word(scenario["verdict"]), scenario["row"], scenario["scenario"], seconds, why)
    return grid


def _few(console: Console, hosts: Mapping[str, _Host], width: int) -> None:
    """Scenarios down, hosts across; then what did not pass."""
    rows = list(zip(*(host["scenarios"] for host in hosts.values()), strict=True))
    left = max((len(row[0]["row"]) + len(row[0]["scenario"]) + 4 for row in rows), default=0)
    short = (width - left) // max(1, len(hosts)) < _NARROW + 2
    grid = _grid("row", "scenario", *heads(list(hosts)), gap=1 if short else 2)
    for row in rows:
        words = (_word(entry["verdict"], short=short) for entry in row)
        grid.add_row(row[0]["row"], row[0]["scenario"], *words)
    console.print(grid)
    if short:
        console.print(Text("  ".join(f"{_SHORT[word]} = {word}" for word in _words(hosts)), style="dim"))
    _not_passed(console, hosts)


def heads(names: list[str]) -> list[str]:
    """Names for narrow columns: without the domain, where that still tells them apart and is no address."""
    first = [name.partition(".")[0] for name in names]
    apart = len(set(first)) == len(first) and not any(text.isdigit() for text in first)
    return first if apart else names


def _many(console: Console, hosts: Mapping[str, _Host]) -> None:
    """A line a host, the worst first; then what did not pass."""
    words = _words(hosts)
    grid = _grid("host", *(f">{word}" for word in words))
    by_verdict = sorted(hosts.items(), key=lambda item: host_order(item[1]["verdict"]))
    for name, host in by_verdict[:LINES_LIMIT]:
        counts = [sum(scenario["verdict"] == word for scenario in host["scenarios"]) for word in words]
        cells = (
            Text(str(n or "-"), _STYLES[word] if n else "dim") for n, word in zip(counts, words, strict=True)
        )
        grid.add_row(Text(name), *cells)
    console.print(grid)
    rest = [host["verdict"] for _, host in by_verdict[LINES_LIMIT:]]
    if rest:
        console.print(
            Text(
                f"… and {number_of(len(rest), 'more host')}: {counted({item: rest.count(item) for item in rest})}"
            )
        )
    _not_passed(console, hosts)


def _words(hosts: Mapping[str, _Host]) -> list[str]:
    """The verdicts that are told of: what is known only where something is."""
    seen = {scenario["verdict"] for host in hosts.values() for scenario in host["scenarios"]}
    return [word for word in WORDS if word != KNOWN or KNOWN in seen]


def _not_passed(console: Console, hosts: Mapping[str, _Host]) -> None:
    """The same thing on several hosts is one line."""
    found: dict[tuple[int, str, str], tuple[Mapping[str, Any], list[str]]] = {}
    for name, host in hosts.items():
        for one in host["scenarios"]:
            if one["verdict"] != PASSED and not one.get("not_asked"):
                key = (ALL.index(one["verdict"]), one["scenario"], without_numbers(_reason(one)))
                found.setdefault(key, (one, []))[1].append(name)
    if not found:
        return
    grid = _grid("verdict", "row", "scenario", "on", "why")
    for key in sorted(found, key=lambda item: item[0])[:LINES_LIMIT]:
        one, names = found[key]
        grid.add_row(_word(one["verdict"]), one["row"], one["scenario"], Text(first_of(names)), _reason(one))
    console.print()
    console.print(grid)
    if len(found) > LINES_LIMIT:
        console.print(Text(f"… and {len(found) - LINES_LIMIT} more"))


def _shared(console: Console, results: Mapping[str, Any]) -> None:
    """What several rows have in common: one thing to repair."""
    found = list(shared_causes(results))
    if not found:
        return
    grid = _grid("verdict", "the same in", "on", "why")
    for cause in found[:LINES_LIMIT]:
        grid.add_row(_word(cause.verdict), cause.rows, cause.hosts, in_one_line(cause.reason, REASON))
    console.print()
    console.print(grid)


def _fixes(results: Mapping[str, Any]) -> Iterator[Text]:
    """What to change in the bot, in a sentence for each cause; the page has the whole of it."""
    rows_of: dict[str, dict[str, None]] = {}
    for cause in results.get("causes", ()):
        remedy = remedy_of(str(cause["check"]), cause["verdict"])
        if remedy and cause["check"] not in NOT_OF_THE_BOT:
            sentence = remedy["fix"].partition(". ")[0].rstrip(".")
            rows_of.setdefault(sentence, {}).update(
                dict.fromkeys(cell["scenario"] for cell in cause["cells"])
            )
    for sentence, rows in list(rows_of.items())[:FIXES_LIMIT]:
        yield Text(f"fix:     {first_of(list(rows))}: {sentence}.")


def _last(results: Mapping[str, Any], where: str) -> Iterator[Text]:
    """Counts, where everything is, and how to see again what did not pass."""
    yield from (Text(f"   {line}") for line in platform_lines(results))
    yield Text(summary(results), _STYLES[results["verdict"]])
    yield from _fixes(results)
    yield Text(f"results: {plain(where)} (index.html, results.json, junit.xml, summary.md, …)")
    yield Text(f"page:    {plain(where)}/index.html")
    commands = repeats(results)
    if len(commands) > 1 and results.get("repeat"):
        yield Text(f"again:   {plain(results['repeat'])}")
    for command in commands[:REPEATS_LIMIT]:
        yield Text(f"again:   {plain(command)}")
    if len(commands) > REPEATS_LIMIT:
        yield Text(f"         … and {len(commands) - REPEATS_LIMIT} more, in results.json under `repeat`")


def _limited(lines: list[Text]) -> list[Text]:
    left = len(lines) - LINES_LIMIT
    return [
        *lines[:LINES_LIMIT],
        *([Text(f"… and {left} more remarks, in results.json")] if left > 0 else []),
    ]


def _reason(entry: Mapping[str, Any]) -> str:
    if entry["verdict"] == PASSED or not entry["reasons"]:
        return ""
    return in_one_line(entry["reasons"][0], REASON)


def _why(entry: Mapping[str, Any]) -> str:
    """The reason, and how many checks of the row held all the same."""
    reason, checks = _reason(entry), entry.get("checks", ())
    held = sum(item["state"] == HELD for item in checks)
    if not reason or not held or entry["verdict"] == SKIPPED:
        return reason
    return f"{reason} ({held} of {number_of(len(checks), 'check')} held)"


def _word(verdict: str, *, short: bool = False) -> Text:
    return Text(_SHORT[verdict] if short else verdict, _STYLES[verdict])


def _grid(*columns: str, gap: int = 2) -> Table:
    """Our own words are never cut."""
    return open_table(*columns, gap=gap, uncut=_UNCUT)
