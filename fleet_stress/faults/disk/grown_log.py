"""``grown_log``: the bot's text logs are just under the size at which it rotates them (row 1.6).

In the stress plan, rotation at 10 MB is hours away, so that it tests none. Lines of ours are in the logs, each
with its number, so that one that is lost is seen.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet_stress.faults.protocol import Fault, Proof
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.store import sizes
from fleet_stress.store.bare_python import no_links

#: Bytes of a line of ours with its end; the last one is longer, so that the size comes out to the byte.
_LINE = 100
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
        for log in self._logs():
            limit = int(self.site.bot["logs"][log.role]["max_bytes"])
            before, last = self._grow(log.path, limit - room)
            entry = {"role": log.role, "key": log.key, "limit": limit, "before": before, "last_line": last}
            grown.append((log.path, entry))
        if not grown:
            raise OSError("the bot profile names no text log with max_bytes, so there is no rotation to meet")
        self._grown, self._room = grown, room

    def prove(self) -> Proof:
        """It took effect when each is as large as it was to be, and lines of ours are in it."""
        logs = []
        for path, log in self._grown:
            logs.append({**log, "size": path.lstat().st_size, "inode": path.lstat().st_ino})
        took_effect = all(log["size"] == log["limit"] - self._room and log["last_line"] for log in logs)
        return Proof(took_effect, {"logs": logs})

    def _logs(self) -> Iterator[Tracked]:
        for role, entry in self.site.bot["logs"].items():
            if self.arguments.get("file", role) == role and entry.get("max_bytes"):
                yield self.site.files[role]

    def _grow(self, path: Path, target: int) -> tuple[int, str]:
        """Append lines until the file has just ``target`` bytes; its size before, and the last line.

        "": there was no room for one. Raises OSError, also for what is no regular file.
        """
        owner = (self.site.user.uid, self.site.user.gid) if os.geteuid() == 0 else None
        if not os.path.lexists(path.parent):
            no_links.make_folder(path.parent, 0o755, owner)
        descriptor = no_links.open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with os.fdopen(descriptor, "ab") as stream:
            if owner is not None:
                _must_not_be_of_others(descriptor, owner[0], path)
                os.fchown(descriptor, *owner)
            before = size = os.fstat(descriptor).st_size
            stamp, last, number = time.strftime("%Y-%m-%d %H:%M:%S,000"), "", 0
            while size < target:
                number += 1
                last = f"{stamp} INFO fleet-stress line {number:08d} of what a bot logs in months "
                left = target - size
                length = left if left < 2 * _LINE else _LINE
                line = f"{last:.<{length - 1}}"[: length - 1] + "\n"
                size += stream.write(line.encode())
                last = f"fleet-stress line {number:08d} " if length >= _LINE else ""
        return before, last


def _must_not_be_of_others(descriptor: int, owner: int, path: Path) -> None:
    """Refuse to give away what is somebody else's and has words in it: a hard link brought it here. Raises OSError."""
    status = os.fstat(descriptor)
    if status.st_uid != owner and status.st_size:
        raise OSError(errno.EPERM, "a file that belongs to others", str(path))
