"""``no_exhaustion``: nothing ran out: memory, disk, handles; no database was locked (1.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import output
from fleet_stress.store.exit_words import died_of

#: What a bot or its libraries say when something ran out. The numbers are those of errno(3), Linux and macOS.
EXHAUSTED: Mapping[str, str] = {
    "memory": r"\bMemoryError\b|\[Errno 12\]|Cannot allocate memory|[Oo]ut of memory",
    "disk": r"\[Errno 28\]|No space left on device|\[Errno (?:122|69)\]|[Dd]isk quota exceeded",
    "handles": r"\[Errno 2[34]\]|Too many open files",
    "database": r"database (?:table )?is locked|database disk image is malformed|database or disk is full"
    r"|disk I/O error",
}


class NoExhaustion(Check):
    """A finding for each resource that ran out, and for a SIGKILL that fleet-stress did not send."""

    title = "memory, disk and handles did not run out"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        if not case.starts:
            yield self.not_exercised("bot", "the bot was never started")
        for start in case.starts:
            ended = start["exit"]
            if ended and died_of(ended, "KILL") and ended["by"] != "engine" and not _sent(start, "KILL"):
                reason = (
                    f"start {start['n']} was killed by a SIGKILL that fleet-stress did not send:"
                    " the kernel sends one when memory runs out"
                )
                yield self.failed("killed", reason)
        seen: dict[str, tuple[str, str, int]] = {}
        for name, text in output.texts(case):
            for what, pattern in EXHAUSTED.items():
                for line in (line for line in text.splitlines() if re.search(pattern, line)):
                    first, where, count = seen.get(what, (line.strip()[:200], name, 0))
                    seen[what] = (first, where, count + 1)
        for what, (line, where, count) in seen.items():
            reason = f"{what} ran out, reported {count} times, first in {where}: {line}"
            yield self.failed(what, reason, evidence=(where,))
        for key, reason in output.not_searched(case, "signs of exhaustion"):
            yield self.not_exercised(key, reason)


def _sent(start: Mapping[str, Any], name: str) -> bool:
    return any(signal["signal"] == name for signal in start["signals"])
