"""``rotated``: a log that came to its limit was rotated, and no line was lost on the way (1.6).

``grown_log`` has put numbered lines of ours into the log. The newest of them has to stand in a rotated file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.observe.snapshot import ROTATED
from fleet_stress.store.verdict import Finding


class Rotated(Check):
    """A finding for each log that lost lines or grew on; one that proves nothing where none was rotated."""

    title = "a log at its limit is rotated and loses no line"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        met = False
        for fault in case.evidence["faults"]:
            if fault["fault"] != "grown_log" or not fault["bit"]:
                continue
            ended = [one for one in case.starts if one["at"] >= fault["at"] and one["after"]]
            for log in fault["proof"]["logs"] if ended else ():
                reason = _against(case, ended[0], log)
                met = met or reason is not None
                if reason:
                    yield self.failed(log["key"], reason)
        if not met:
            reason = "rotation was not met: nothing was written into a log that was just under its limit"
            yield self.not_exercised("logs", reason)


def _against(case: Case, start: Mapping[str, Any], log: Mapping[str, Any]) -> str | None:
    """What is wrong with a log after a start; "" where it was rotated well, None where it was not written."""
    after, key, line = case.after(start), log["key"], str(log["last_line"])
    main = after.get(key)
    if main and (main["inode"], main["size"]) == (log["inode"], log["size"]):
        return None
    number = start["n"]
    if main and main["size"] > log["limit"]:
        return (
            f"{key} was not rotated: it has {main['size']} bytes after start {number}, limit {log['limit']}"
        )
    rotated = [one for one in after if one != key and ROTATED.sub("", one) == key]
    if any(line in case.end_of(start["after"], one).decode("utf-8", "replace") for one in rotated):
        return ""
    if main and line in case.end_of(start["after"], key).decode("utf-8", "replace"):
        return None  # written, and still within its limit
    told = f"of {len(rotated)} rotated files" if rotated else "and nothing was rotated"
    return f"lines of {key} were lost: “{line.strip()}” stood in it before start {number}, is in none {told}"
