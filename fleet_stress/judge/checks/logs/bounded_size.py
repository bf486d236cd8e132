"""``bounded_size``: logs stay within the limits that the profile names, and the log folder does not swell (1.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.roles import Role
from fleet_stress.store import sizes
from fleet_stress.store.layout import FILE_PREFIX

#: A rotation may come one line late.
_SLACK = "64KB"


class BoundedSize(Check):
    """Findings for logs that are too large or too many, and for a folder that grew too much."""

    title = "logs stay within their limits"
    arguments = {
        "slack": sizes.schema(f"A log may exceed its max_bytes by this much; {_SLACK} by default."),
        "growth": sizes.schema("Limit of the growth of the log folder in one start."),
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        ended = [start for start in case.starts if start["after"]]
        if not ended:
            yield self.not_exercised("logs", "no start ended, so the logs were not looked at")
            return
        slack = sizes.in_bytes(arguments.get("slack", _SLACK))
        seen = False
        for role in case.roles:
            if role.section == "logs" and "max_bytes" in role.entry:
                for start in ended:
                    sizes_by_key = _family(case, start, role)
                    seen = seen or bool(sizes_by_key)
                    reason = next(_excess(role, sizes_by_key, slack, start["n"]), None)
                    if reason:
                        yield self.failed(role.key, reason)
                        break
        if "growth" in arguments:
            yield from self._grown(case, ended, sizes.in_bytes(arguments["growth"]))
        elif not any(role.section == "logs" and "max_bytes" in role.entry for role in case.roles):
            yield self.skipped("logs", "the bot profile names no limit of a log (max_bytes)")
        elif not seen:
            reason = "no log with a max_bytes in the bot profile was there after any start"
            yield self.not_exercised("logs", reason)

    def _grown(self, case: Case, ended: list[Mapping[str, Any]], most: int) -> Findings:
        for start in ended:
            before, after = (_total(files) for files in (case.before(start), case.after(start)))
            if after - before > most:
                reason = (
                    f"the log folder grew by {sizes.describe(after - before)} in start {start['n']};"
                    f" the limit is {sizes.describe(most)}"
                )
                yield self.failed("log folder", reason)
                return


def _family(case: Case, start: Mapping[str, Any], role: Role) -> dict[str, int]:
    """Sizes of a log and of what was rotated away from it, by key."""
    files = case.after(start)
    return {key: file["size"] for key, file in files.items() if case.logs.of(key) == role.key}


def _excess(role: Role, family: Mapping[str, int], slack: int, start: int) -> Iterator[str]:
    most, backups = int(role.entry["max_bytes"]) + slack, role.entry.get("backups")
    for key, size in sorted(family.items()):
        if size > most:
            yield f"{key} has {size} bytes after start {start}; its limit is {role.entry['max_bytes']}"
    rotated = len(family) - (role.key in family)
    if backups is not None and rotated > backups:
        yield f"{role.key} has {rotated} rotated files after start {start}; its limit is {backups}"


def _total(files: Mapping[str, Any]) -> int:
    return sum(
        file["size"] for key, file in files.items() if key.startswith("log/") and not _is_ours(key, file)
    )


def _is_ours(key: str, file: Mapping[str, Any]) -> bool:
    """A file of a fault's. Older evidence does not say so itself."""
    return bool(file.get("ours", key.rpartition("/")[2].startswith(FILE_PREFIX)))
