"""``rotated``: a log that reached its limit was rotated, and lost no line (1.6).

``grown_log`` has put numbered lines of ours into the log. The newest of them has to be in a rotated file, whatever its
name (``rotated_logs``), also a compressed one. One bot looks at the size before it writes a line, another one after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.observe.rotated_logs import is_packed


class Rotated(Check):
    """A finding for each log that lost lines or grew beyond its limit; it proves nothing where none was rotated."""

    title = "a log at its limit is rotated and loses no line"
    faults = ("grown_log",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        due = False
        for fault in case.took_effect("grown_log"):
            ended = [start for start in case.starts if start["at"] >= fault["at"] and start["after"]]
            for log in fault["proof"]["logs"]:
                outcome = next(filter(None, (_outcome(case, start, log) for start in ended)), None)
                due = due or outcome is not None
                if outcome and outcome.unread:
                    yield self.not_exercised(log["key"], outcome.reason)
                elif outcome and outcome.reason:
                    yield self.failed(log["key"], outcome.reason)
        if not due:
            reason = "no rotation was due: no log that was just under its limit was written to"
            if not case.took_effect("grown_log") or case.bot.get("exchange"):
                yield self.not_exercised("logs", reason)
            else:
                why = f"{reason}, and the profile names no `exchange` whose errors would make the bot log something"
                yield self.skipped("logs", why)


class _Outcome(NamedTuple):
    """What came of a rotation that was due; no ``reason``: all is well. ``unread``: whether it is could not be seen."""

    reason: str = ""
    unread: bool = False


def _outcome(case: Case, start: Mapping[str, Any], log: Mapping[str, Any]) -> _Outcome | None:
    """Of one log after a start; None where no rotation was due yet."""
    after, key, line = case.after(start), log["key"], str(log["last_line"])
    main, number = after.get(key), start["n"]
    if main and (main["inode"], main["size"]) == (log["inode"], log["size"]):
        return None
    if main and main["size"] > log["limit"]:
        if _lines_after(case, start, key, line) < 2:
            return None  # it looks at the size after a line, so it rotates before its next one
        size = main["size"]
        return _Outcome(
            f"{key} was not rotated: it has {size} bytes after start {number}; its limit is {log['limit']}"
        )
    rotated = [other for other in after if other != key and case.logs.of(other) == key]
    if any(line in case.end_of(start["after"], other).decode("utf-8", "replace") for other in rotated):
        return _Outcome()
    if main and line in case.end_of(start["after"], key).decode("utf-8", "replace"):
        return None  # written, and still within its limit
    closed = [other for other in rotated if is_packed(other) and not case.end_of(start["after"], other)]
    if closed:
        return _Outcome(f"{', '.join(closed)} could not be read, so whether lines were lost is unknown", True)
    where = f"in none of its {len(rotated)} rotated files" if rotated else "in no file: nothing was rotated"
    return _Outcome(
        f"lines of {key} were lost: “{line.strip()}” was in it before start {number} and is {where}"
    )


def _lines_after(case: Case, start: Mapping[str, Any], key: str, line: str) -> int:
    """How many whole lines the bot has written behind ours, as far as they were kept."""
    text = case.end_of(start["after"], key).decode("utf-8", "replace")
    _, found, behind = text.rpartition(line)
    return behind.count("\n") - 1 if found else text.count("\n")
