"""Reads files of a bot as fast as it can, a process of ours, as a dashboard or a backup does: is each of them whole?

    python -I -m fleet_stress.faults.rivals.reader_process REQUEST.json

It says ``reading`` on standard output, goes on until standard input is closed, and then says its figures as JSON. What
was torn is kept beside the evidence, a few files of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.observe import bot_files, file_content

#: So much of what was torn is kept: files, and bytes of each.
_KEPT, _LONGEST = 5, 65536
#: It steps back behind the bot and whatever else has to get on.
_NICENESS = 10


class Reader:
    """Reads each file in turn; ``figures`` are what came of it."""

    def __init__(self, tracked: list[bot_files.Tracked], evidence: Path) -> None:
        self._tracked, self._evidence = tracked, evidence
        self._last: dict[str, bytes] = {}
        self._kept = 0
        self.figures: dict[str, dict[str, Any]] = {
            file.key: {"reads": 0, "changes": 0, "torn": 0, "gone": 0, "kept": []} for file in tracked
        }

    def look(self) -> None:
        """Read each file once."""
        for tracked in self._tracked:
            found, data = self.figures[tracked.key], file_content.read(tracked)
            found["reads"] += 1
            if data is None:
                # A database that changed at each look could not be read; it is there all the same.
                found["gone"] += tracked.key in self._last and not os.path.lexists(tracked.path)
            elif data != self._last.get(tracked.key):
                found["changes"] += tracked.key in self._last
                self._last[tracked.key] = data
                if bot_files.json_verdict(data) != "valid":
                    found["torn"] += 1
                    self._keep(found, data)

    def _keep(self, found: dict[str, Any], data: bytes) -> None:
        if self._kept < _KEPT:
            self._kept += 1
            name = f"reader-torn-{self._kept}"
            (self._evidence / name).write_bytes(data[:_LONGEST])
            found["kept"].append(name)


def request(tracked: list[bot_files.Tracked], evidence: Path) -> dict[str, Any]:
    """What the process is asked for, as JSON."""
    files = [
        {
            "role": file.role,
            "key": file.key,
            "path": str(file.path),
            "format": file.format,
            "numbers": dict(file.numbers),
            "scratch": str(file.scratch) if file.scratch else None,
        }
        for file in tracked
    ]
    return {"files": files, "evidence": str(evidence)}


def _tracked(entry: Mapping[str, Any]) -> bot_files.Tracked:
    return bot_files.Tracked(
        role=entry["role"],
        key=entry["key"],
        path=Path(entry["path"]),
        format=entry["format"],
        never_back=(),
        backup=None,
        numbers=entry["numbers"],
        scratch=Path(entry["scratch"]) if entry["scratch"] else None,
    )


def main(path: Path) -> None:
    """Read until standard input is closed, which the end of whoever asked does as well."""
    orders = json.loads(path.read_text(encoding="utf-8"))
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)  # whatever the arena has
    reader, began = (
        Reader([_tracked(file) for file in orders["files"]], Path(orders["evidence"])),
        time.monotonic(),
    )
    print("reading", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        reader.look()
    print(json.dumps({"seconds": round(time.monotonic() - began, 3), "files": reader.figures}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
