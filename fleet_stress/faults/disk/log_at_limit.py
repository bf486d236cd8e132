"""``log_at_limit``: the bot's text logs reach the size at which it rotates them while it runs (2D).

Lines of ours bring them to just below it, so that the bot's next line is due for a rotation. What rotates a log is up
to the bot: by renaming it, or by copying it and cutting it off. One that counts the size of its log itself, without
asking the file, never learns of ours.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress.faults.disk.lines_of_ours import Grown, grow, limited_logs
from fleet_stress.faults.protocol import Fault, Proof
from fleet_stress.observe.bot_files import Tracked

#: So much is left until the limit, in bytes: whatever a bot writes is more.
_ROOM = 1
#: Bytes of a line of ours. Few long ones take less time, ours and that of whoever reads the log.
_LINE = 1000
#: A log that is rotated at more is left alone: to fill it again and again is hours of writing. Bytes.
_LARGEST = 100 * 1024 * 1024


class _Full(NamedTuple):
    """One log at its limit."""

    log: Tracked
    limit: int
    grown: Grown

    def describe(self) -> dict[str, Any]:
        known = {"role": self.log.role, "key": self.log.key, "limit": self.limit}
        return {**known, **self.grown._asdict()}

    def rotated(self) -> bool:
        """Whether another file is in its place, none, or less than we left there."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            now = self.log.path.lstat()
            return now.st_ino != self.grown.inode or now.st_size < self.grown.size
        return True

    def written(self) -> bool:
        """Whether somebody has written to it since we left it; also over what is ours, which adds nothing."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return self.log.path.lstat().st_mtime_ns != self.grown.written_at
        return True


class LogAtLimit(Fault):
    name = "log_at_limit"
    title = "text logs reach their rotation limit while the bot runs"
    counts_hits = True
    schema = {
        "type": "object",
        "description": "Let the text logs of the running bot grow to just below the size at which it rotates them;"
        " a rotation is a hit.",
        "additionalProperties": False,
        "properties": {
            "file": {
                "type": "string",
                "description": "Role of one log with max_bytes; all such logs by default.",
            },
        },
    }

    def apply(self) -> None:
        """Let them grow. Raises OSError where the bot profile names no log that is rotated."""
        self._full: list[_Full] = []
        self._waiting: list[_Full] = []
        self._rotated_at: list[float] = []
        self._left_alone = ""
        for log, limit in limited_logs(self.site, self.arguments.get("file")):
            why = self._why_not(log.path, limit)
            if why:
                self._left_alone = f"{log.key} {why}"
                continue
            full = _Full(log, limit, grow(log.path, limit - _ROOM, self.site.user, _LINE))
            self._full.append(full)
            self._waiting.append(full)

    def _why_not(self, path: Path, limit: int) -> str:
        """Why a log cannot be brought to its limit; empty: it can."""
        if limit > _LARGEST:
            return f"is rotated at {limit} bytes, and fleet-stress fills a log up to {_LARGEST}"
        folder = next(above for above in path.parents if above.is_dir())
        # Its rotation may copy it.
        if shutil.disk_usage(folder).free - 2 * limit < self.site.disk_floor:
            return f"has no room for {limit} bytes more and a copy of them: free some of the disk of {folder}"
        return ""

    def hits(self) -> int:
        """How many logs were rotated since."""
        for full in list(self._waiting):
            if full.rotated():
                self._waiting.remove(full)
                self._rotated_at.append(time.monotonic())
        return len(self._rotated_at)

    def cannot_hit(self) -> str | None:
        """Where no log could be brought to its limit."""
        return None if self._full else self._left_alone

    def prove(self) -> Proof:
        """It took effect when a log was rotated."""
        hits = self.hits()
        details = {
            "logs": [full.describe() for full in self._full],
            "rotated_at": list(self._rotated_at),
        }
        return Proof(True, details) if hits else Proof(False, {**details, **self._missed()})

    def _missed(self) -> Mapping[str, Any]:
        """Why there was no rotation, and whether there was nothing that could be one."""
        written = [full.log.key for full in self._full if full.written()]
        nothing = not any(isinstance(fault, LogAtLimit) and fault._rotated_at for fault in self.site.earlier)
        if not self._full:
            why = self._left_alone
        elif written:
            why = (
                f"the bot wrote to {', '.join(written)} at its limit and did not rotate it: it counts the size of its"
                " log itself, or something else rotates it"
            )
        else:
            why = "the bot logged nothing while its log was at its limit"
            if self.site.bot.get("exchange"):
                nothing = False
            else:
                why += ", and the profile names no `exchange` whose errors would make it log something"
        return {"why": why, **({"nothing_to_hit": True} if nothing else {})}
