"""``rotated``: a log that reached its limit was rotated, and lost no line (1.6).

``grown_log`` has put numbered lines of ours into the log. The newest of them has to be in a rotated file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.observe.snapshot import ROTATED


class Rotated(Check):
    """A finding for each log that lost lines or grew beyond its limit; it proves nothing where none was rotated."""

    title = "a log at its limit is rotated and loses no line"
    faults = ("grown_log",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        written = False
        for fault in case.took_effect("grown_log"):
            ended = [start for start in case.starts if start["at"] >= fault["at"] and start["after"]]
            for log in fault["proof"]["logs"] if ended else ():
                reason = _lost(case, ended[0], log)
                written = written or reason is not None
                if reason:
                    yield self.failed(log["key"], reason)
        if not written:
            reason = "no rotation was due: no log that was just under its limit was written to"
            yield self.not_exercised("logs", reason)


def _lost(case: Case, start: Mapping[str, Any], log: Mapping[str, Any]) -> str | None:
    """What is wrong with a log after a start; "" where it was rotated well, None where it was not written."""
    after, key, line = case.after(start), log["key"], str(log["last_line"])
    main = after.get(key)
    if main and (main["inode"], main["size"]) == (log["inode"], log["size"]):
        return None
    number = start["n"]
    if main and main["size"] > log["limit"]:
        return f"{key} was not rotated: it has {main['size']} bytes after start {number}; its limit is {log['limit']}"
    rotated = [other for other in after if other != key and ROTATED.sub("", other) == key]
    if any(line in case.end_of(start["after"], other).decode("utf-8", "replace") for other in rotated):
        return ""
    if main and line in case.end_of(start["after"], key).decode("utf-8", "replace"):
        return None  # written, and still within its limit
    where = f"in none of its {len(rotated)} rotated files" if rotated else "in no file: nothing was rotated"
    return f"lines of {key} were lost: “{line.strip()}” was in it before start {number} and is {where}"
