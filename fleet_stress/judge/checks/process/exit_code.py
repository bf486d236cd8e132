"""``exit_code``: the bot ended with a code of the class that the profile names (all rows).

The code is the process's own, from ``wait``; a shell in between could hide it. A death by signal N and the code
128 + N are one way to end: a bot without a handler for SIGTERM ends with 143, whether or not a shell waits for it. A
program that was asked to stop, and cannot write the last of its output, says so by its code: Python by 120 (sys.exit),
the GNU tools by 1 (gnulib, closeout). Where we took its standard output away that is right, whatever the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case, asked_by, stood_at, stop_signal
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.store.exit_words import exit_number, exit_words, is_death


class ExitCode(Check):
    """A finding for each start that did not end as it should."""

    title = "the exit code is of the expected class"
    required = ("is",)
    arguments = {
        "is": {
            "enum": ["finished", "terminated", "interrupted"],
            "description": "Class of exit codes in the bot profile.",
        },
        "start": {
            "description": "Which starts of the bot; the last by default.",
            "oneOf": [
                {"enum": ["last", "all", "signalled"]},
                {"type": "integer", "minimum": 1},
            ],
        },
    }
    short = "is"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        expected = arguments["is"]
        starts = case.chosen_starts(arguments.get("start", "last"))
        if not starts:
            why = "the bot was never started"
            if case.starts:
                why = f"the bot had no such start: {arguments['start']}"
            yield self.not_exercised(expected, why)
        for start in starts:
            reason = _against(start, expected, case.bot["exit_codes"].get(expected, [0]))
            if reason and not _lost_its_output(case, start):
                last = case.last_words(start)
                reason += f"; its last words: {last}" if last else ""
                # About the class, not the start: its number in the baseline means nothing to another scenario.
                yield self.failed(
                    expected, f"start {start['n']} {reason}", evidence=(start["stderr"],), start=start["n"]
                )

    def seen(self, case: Case, arguments: Arguments) -> str | None:
        """How each start ended, and how soon after it was asked to."""
        starts = case.chosen_starts(arguments.get("start", "last"))
        return "; ".join(dict.fromkeys(_ended(start) for start in starts if start["exit"])) or None


def _ended(start: Mapping[str, Any]) -> str:
    asked, after = stop_signal(start), start["exit"].get("after_signal")
    soon = f", {after:.1f} s after {asked_by(asked)}" if asked and after is not None else ""
    return f"{exit_words(start['exit'])}{soon}"


def _against(start: Mapping[str, Any], expected: str, codes: list[int]) -> str | None:
    ended = start["exit"]
    if ended is None or ended["by"] == "engine":
        return f"never ended by itself, where {_one_of(codes)} was expected"
    if expected != "finished" and not stop_signal(start):
        return f"ended by itself with {exit_words(ended)} before it was sent a signal"
    if exit_number(ended) in codes:
        return None
    return f"ended with {exit_words(ended)}, where {_one_of(codes)} was expected"


def _lost_its_output(case: Case, start: Mapping[str, Any]) -> bool:
    """Whether a start without a standard output ended by a code of its own when it was asked to."""
    ended = start["exit"]
    if ended is None or ended["by"] == "engine" or not stop_signal(start) or is_death(ended):
        return False
    return any(stood_at(fault, float(start["at"])) for fault in case.took_effect("dead_output"))


def _one_of(codes: list[int]) -> str:
    return "exit code " + " or ".join(map(str, codes))
