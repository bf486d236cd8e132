"""Whether a bot that had to wait for a slow disk said that it waited for a lock in vain: a note, no finding (row 1.5).

To give a lock up and go on is allowed; what becomes of the state then is what the checks look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleet_stress.judge.case import Case

#: What the usual libraries say (SQLite, filelock, portalocker, fcntl by hand); a profile may say more.
_USUAL = (
    r"database is locked|LockTimeout|AlreadyLocked|\block\b[^\n]{0,80}\b(timed out|time-?out)"
    r"|(could not|cannot|failed to) (acquire|get|obtain)\b[^\n]{0,40}\block"
)
_SLOW = ("slow_disk",)


def notes(case: Case) -> Iterator[str]:
    """One sentence for a scenario with a slow disk, none for any other."""
    slow = [one for one in case.evidence["faults"] if one["fault"] in _SLOW]
    if not slow:
        return
    own = case.bot.get("messages", {}).get("lock_timed_out")
    pattern = re.compile(f"({_USUAL})" + (f"|({own})" if own else ""), re.IGNORECASE)
    since = min(one["at"] for one in slow)
    found: list[str] = []
    for start in case.starts:
        if start["exit"] and start["exit"]["at"] < since:
            continue
        texts = [case.text(start["stdout"]), case.text(start["stderr"])]
        texts += [case.gained(start, key)[0] for key in case.text_logs(start)]
        found += [line.strip() for text in texts for line in text.splitlines() if pattern.search(line)]
    if found:
        yield f"lock time-outs seen while the disk was slow: {len(found)}, first: {found[0][:200]}"
    else:
        yield "no lock time-out was seen while the disk was slow"
