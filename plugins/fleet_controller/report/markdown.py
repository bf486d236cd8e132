"""``summary.md``: a run for a pull request's comment or a job's summary (GitHub, GitLab)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fleet_controller.messages.text import duration, first_of, in_one_line, number_of, plain
from fleet_controller.report.run_summary import verdict_of_run
from fleet_controller.report.shared_causes import shared_causes
from fleet_controller.results.by_platform import platform_lines
from fleet_controller.results.known import gone
from fleet_controller.results.since_earlier import GROUPS, NEW
from fleet_controller.runs.host_result import has_result, trouble, wrong_with
from fleet_controller.runs.repeat_command import repeats
from fleet_stress.judge.without_numbers import without_numbers
from fleet_stress.store.verdict import ERROR, FAILED, KNOWN, NOT_EXERCISED, PASSED, SKIPPED

SUMMARY = "summary.md"
#: A comment on GitHub has at most 65,536 characters (its API's own refusal says so); a job's summary a MiB.
_LONGEST = 60_000
#: So many commands are shown, and so many hosts of the same reason by name.
_COMMANDS, _NAMED = 10, 3
#: Characters of a reason, and of a name.
_REASON, _NAME = 300, 100
_SIGNS = {PASSED: "✅", KNOWN: "☑️", FAILED: "❌", NOT_EXERCISED: "❔", SKIPPED: "⏭️", ERROR: "⚠️"}
_WORDS = {
    PASSED: "all that was run was survived",
    KNOWN: "nothing new was found",
    FAILED: "not everything was survived",
    NOT_EXERCISED: "not everything was proved",
    SKIPPED: "nothing was run",
    ERROR: "something of ours, or a host, went wrong",
}
#: What Markdown reads as more than text within a line (CommonMark 6), a table's bar, and what is struck through.
_SPECIAL = re.compile(r"[\\`*_\[\]|~>]")
_HTML = {"&": "&amp;", "<": "&lt;", '"': "&quot;"}
#: Looked for in the text as it is shown, where no backslash is left: what mentions and references begin with (GitLab
#: has more signs for them than GitHub), and links without markup. A blank without width parts them.
_ACTING = re.compile(
    r'@|[#!%&~$](?=[\w"])|(?i:GH)(?=-\d)|(?<![A-Za-z])(?i:https?|ftp|www|mailto|xmpp)(?=[:.])'
)
_NO_WIDTH = "&#8203;"


class _Block(NamedTuple):
    """Lines that belong together: ``items`` may be left out from the end on, and then that is told."""

    head: Sequence[str]
    items: Sequence[str] = ()
    tail: Sequence[str] = ()


def summary(results: Mapping[str, Any]) -> bytes:
    """The document for what ``collect`` gathered. The same results give the same bytes."""
    lines: list[str] = []
    for block in _blocks(results):
        # What comes later has room too, whatever hosts say.
        room = (_LONGEST - _length(lines)) // 2 - _length(block.head) - _length(block.tail)
        kept: list[str] = []
        for item in block.items:
            room -= len(item) + 1
            if room < 0:
                break
            kept.append(item)
        if kept or not block.items:
            lines += [*block.head, *kept, *block.tail]
        if len(kept) < len(block.items):
            lines += ["", f"… and {len(block.items) - len(kept)} more, in `results.json`"]
    return ("\n".join(lines) + "\n").encode()


def escaped(text: Any, limit: int = _REASON) -> str:
    """A text that stays one within a line: no markup, no HTML, no mention, no reference, no link."""
    line = in_one_line(plain(text), limit)
    parted = _ACTING.sub(lambda found: f"{found[0][:1]}\0{found[0][1:]}", line)
    shown = _SPECIAL.sub(lambda found: f"\\{found[0]}", parted)
    shown = "".join(_HTML.get(item, item) for item in shown)
    # As GitHub's own guide has it: a backslash does not keep a dollar sign from beginning a formula.
    return shown.replace("$", "<span>$</span>").replace("\0", _NO_WIDTH)


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _blocks(results: Mapping[str, Any]) -> Iterator[_Block]:
    """The most urgent first."""
    counts, hosts = results["counts"], results["hosts"]
    word = verdict_of_run(results)
    counted = [f"{_SIGNS[sign]} {counts[sign]} {escaped(sign)}" for sign in _SIGNS if counts.get(sign)]
    about = ("bot", results["bot"]), ("profile", results["profile"]), ("run", results["run_id"])
    yield _Block(
        [
            f"## {_SIGNS[word]} fleet-stress: {_WORDS[word]}",
            "",
            " · ".join([*counted, number_of(len(hosts), "host"), duration(results["seconds"])]),
            "",
            ", ".join(f"{name} **{escaped(value, _NAME)}**" for name, value in about),
            *(f"\n{escaped(line)}" for line in platform_lines(results)),
        ]
    )
    yield from _since(results.get("earlier"))
    stale = [f"- {escaped(sentence)}" for sentence in gone(results)]
    if stale:
        yield _Block([""], stale)
    yield from _table(("host", "is", "why"), _hosts(hosts))
    yield from _table(("verdict", "the same in", "on", "why"), _shared(results))
    yield from _table(("verdict", "row", "scenario", "on", "why"), _not_passed(hosts))
    commands = repeats(results)
    if commands:
        fence = _fence(commands)
        head = ["", "<details><summary>How to repeat what did not pass</summary>", "", f"{fence}sh"]
        left = len(commands) - _COMMANDS
        more = [f"… and {left} more, in `results.json`", ""] if left > 0 else []
        whole = [results["repeat"]] if len(commands) > 1 and results.get("repeat") else []
        shown = [plain(command).replace("\n", " ") for command in [*whole, *commands[:_COMMANDS]]]
        yield _Block(head, shown, [fence, "", *more, "</details>"])


def _since(earlier: Mapping[str, Any] | None) -> Iterator[_Block]:
    """What is new since an earlier run: new failures by name, the rest in numbers."""
    if not earlier:
        return
    counts = [
        f"{len(earlier[word])} {platform_lines}" for word, platform_lines in GROUPS.items() if earlier[word]
    ]
    yield _Block(["", f"Since run {escaped(earlier['run_id'], _NAME)}: {', '.join(counts) or 'nothing new'}"])
    new = [
        f"- **new** {escaped(answer['host'], _NAME)}: {escaped(answer['row'])} {escaped(answer['scenario'])}:"
        f" {escaped(answer['reason'])}"
        for answer in earlier[NEW]
    ]
    if new:
        yield _Block([""], new)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[_Block]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        yield _Block(["", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"], lines)


def _hosts(hosts: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """Hosts that something is wrong with themselves."""
    for name, host in hosts.items():
        sentence = next(wrong_with(name, host), None)
        if sentence:
            yield escaped(name, _NAME), trouble(host), escaped(sentence)


def _shared(results: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """What several rows have in common."""
    for cause in shared_causes(results):
        word = f"{_SIGNS[cause.verdict]} {escaped(cause.verdict)}"
        yield word, escaped(cause.rows), escaped(cause.hosts), escaped(cause.reason)


def _not_passed(hosts: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """What did not pass, once for each verdict and reason, with the hosts that it is true of."""
    found: dict[tuple[str, str, str, str], tuple[str, list[str]]] = {}
    for word in (FAILED, NOT_EXERCISED, ERROR, KNOWN, SKIPPED):
        for name, host in hosts.items():
            for entry in host["scenarios"] if has_result(host) else ():
                if entry["verdict"] == word and not entry.get("not_asked"):
                    reason = entry["reasons"][0] if entry["reasons"] else ""
                    key = (word, entry["row"], entry["scenario"], without_numbers(reason))
                    found.setdefault(key, (reason, []))[1].append(name)
    for (word, row, scenario, _), (reason, names) in found.items():
        on = first_of([escaped(name, _NAME) for name in names], _NAMED)
        platform_lines = f"{_SIGNS[word]} {escaped(word)}", escaped(row), escaped(scenario)
        yield *platform_lines, on, escaped(reason)


def _fence(lines: Sequence[str]) -> str:
    """One that nothing in the lines ends."""
    longest = max((len(found) for line in lines for found in re.findall(r"`+", line)), default=0)
    return "`" * max(3, longest + 1)
