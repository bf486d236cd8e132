"""``grown_log``: the bot's text logs are just under the size at which it rotates them (row 1.6).

In the stress plan, rotation at 10 MB is hours away, so that it tests none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet_stress.faults.disk.lines_of_ours import grow, limited_logs
from fleet_stress.faults.protocol import Fault, Proof
from fleet_stress.store import sizes

#: Whatever a bot writes is more.
_ROOM = "1B"


class GrownLog(Fault):
    name = "grown_log"
    title = "text logs are just below their rotation limit"
    lasting = False
    schema = {
        "type": "object",
        "description": "Let the bot's text logs grow to just below the size at which it rotates them.",
        "additionalProperties": False,
        "properties": {
            "file": {
                "type": "string",
                "description": "Role of one log with max_bytes; all such logs by default.",
            },
            "room": sizes.schema(f"So much is left until the limit; {_ROOM} by default: any line is more."),
        },
    }

    def apply(self) -> None:
        """Let them grow. Raises OSError where the bot profile names no log that is rotated."""
        room = sizes.in_bytes(self.arguments.get("room", _ROOM))
        grown: list[tuple[Path, dict[str, Any]]] = []
        for log, limit in limited_logs(self.site, self.arguments.get("file")):
            after = grow(log.path, limit - room, self.site.user)
            entry = {"role": log.role, "key": log.key, "limit": limit, "before": after.before}
            grown.append((log.path, {**entry, "last_line": after.last_line}))
        self._grown, self._room = grown, room

    def prove(self) -> Proof:
        """It took effect when each is as large as it was to be, and lines of ours are in it."""
        logs = []
        for path, log in self._grown:
            logs.append({**log, "size": path.lstat().st_size, "inode": path.lstat().st_ino})
        took_effect = all(log["size"] == log["limit"] - self._room and log["last_line"] for log in logs)
        return Proof(took_effect, {"logs": logs})
