"""``no_litter``: temporary files do not stay, and nothing piles up over restarts (1.1).

A kill may leave one temporary file; the next clean run has to remove it. A death by the signal that asks to stop, with
which a crash-only bot ends as its profile says, may as well. Files pile up when restart after restart adds some:
however many one start alone has made, they are what it works with; and files of which each cycle of the baseline added
some are its records (``readings/filed_records.py``).
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import endings
from fleet_stress.judge.readings.filed_records import shape_of
from fleet_stress.store.exit_words import exit_number, exit_words, is_death

_ROTATED = re.compile(r"\.\d+$")
_NAMED = 5
#: Fewer restarts than this cannot tell piling up from a file that is there once.
_RESTARTS = 3


class NoLitter(Check):
    """Temporary files after a clean end; files beyond those of the profile that grow with each restart."""

    title = "no temporary files stay, no files pile up"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        ended = [start for start in case.starts if start["after"]]
        clean = bool(ended) and _clean(case, ended[-1])
        if not clean and len(ended) <= _RESTARTS:
            reason = "no start ended cleanly, and there were too few restarts to tell whether files pile up"
            yield self.not_exercised("temporary files", reason)
            return
        last = ended[-1]
        if clean:
            left = sorted(key for key in case.after(last) if _temporary(case, key))
            if left and is_death(last["exit"]):
                how = exit_words(last["exit"])
                reason = (
                    f"start {last['n']} ended by {how} and left {', '.join(left[:_NAMED])};"
                    " no start after it shows whether that is removed"
                )
                yield self.not_exercised("temporary files", reason)
            elif left:
                named = ", ".join(left[:_NAMED])
                reason = f"{len(left)} temporary files are left after start {last['n']}, which ended cleanly: {named}"
                yield self.failed("temporary files", reason)
        yield from self._more_than_it_keeps(case, last)
        counts = [len(_unknown(case, start)) for start in ended]
        growth, restarts = counts[-1] - counts[0], len(ended) - 1
        grew = sum(later > earlier for earlier, later in zip(counts, counts[1:]))
        if len(ended) > _RESTARTS and growth >= restarts and 2 * grew > restarts:
            new = sorted(_unknown(case, last) - _unknown(case, ended[0]))
            reason = (
                f"files pile up: {growth} more after start {last['n']} than after start {ended[0]['n']},"
                f" such as {', '.join(new[:_NAMED])}"
            )
            yield self.failed("piling up", reason)

    def _more_than_it_keeps(self, case: Case, start: Mapping[str, Any]) -> Findings:
        """Logs of single starts beyond those that the profile says are kept."""
        for role in case.roles:
            if "per_start" in role.entry and "backups" in role.entry:
                found = [key for key in case.after(start) if case.logs.of(key) == role.key]
                keeps = int(role.entry["backups"]) + 1
                if len(found) > keeps:
                    after = f"after start {start['n']}, where {keeps} are kept"
                    reason = f"files pile up: {len(found)} of {role.key} {after}"
                    yield self.failed("piling up", reason)


def _clean(case: Case, start: Mapping[str, Any]) -> bool:
    """It ended by itself or when asked to, with an exit code that the profile names."""
    return start["exit"]["by"] != "engine" and exit_number(start["exit"]) in endings.regular_codes(case)


def _temporary(case: Case, key: str) -> bool:
    name = key.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in case.bot.get("temporary_files", ()))


def _unknown(case: Case, start: Mapping[str, Any]) -> set[str]:
    known = {key for role in case.roles for key in (role.key, role.backup_key) if key}
    bounded = {role.key for role in case.roles if "per_start" not in role.entry or "backups" in role.entry}
    return {
        key
        for key in case.after(start)
        if _ROTATED.sub("", key) not in known
        and case.logs.of(key) not in bounded
        and shape_of(key) not in case.filed_records
    }
