"""Whether a bot reported a lock time-out while its disk was slow: a note, no finding (row 1.5).

A bot may give a lock up and go on; what becomes of the state then is for the checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet_stress.judge.case import Case

#: Messages of the usual libraries (SQLite, filelock, portalocker, fcntl by hand); a profile may say more.
_USUAL = (
    r"database is locked|LockTimeout|AlreadyLocked|\block\b[^\n]{0,80}\b(timed out|time-?out)"
    r"|(could not|cannot|failed to) (acquire|get|obtain)\b[^\n]{0,40}\block"
)
_SLOW = ("slow_disk",)


def notes(case: Case) -> Iterator[str]:
    """One sentence for a scenario with a slow disk, none for any other."""
    slow = [fault for fault in case.evidence["faults"] if fault["fault"] in _SLOW]
    if not slow:
        return
    own = case.bot.get("messages", {}).get("lock_timed_out")
    pattern = re.compile(f"({_USUAL})" + (f"|({own})" if own else ""), re.IGNORECASE)
    since = min(fault["at"] for fault in slow)
    lines: list[str] = []
    for start in case.starts:
        if start["exit"] and start["exit"]["at"] < since:
            continue
        texts = [case.text(start["stdout"]), case.text(start["stderr"])]
        texts += [case.gained(start, key)[0] for key in case.text_logs(start)]
        lines += [line.strip() for text in texts for line in text.splitlines() if pattern.search(line)]
    if lines:
        yield f"lock time-outs seen while the disk was slow: {len(lines)}, first: {lines[0][:200]}"
    else:
        yield "no lock time-out was seen while the disk was slow"
