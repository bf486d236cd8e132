"""Reads files of a bot as fast as it can, a process of ours, as a dashboard or a backup does: is each of them whole?

    python -m fleet_stress.faults.rivals.reader_process REQUEST.json

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
            one.key: {"reads": 0, "changes": 0, "torn": 0, "gone": 0, "kept": []} for one in tracked
        }

    def look(self) -> None:
        """Read each file once."""
        for one in self._tracked:
            found, data = self.figures[one.key], file_content.read(one)
            found["reads"] += 1
            if data is None:
                # A database that changed at each look could not be read; it is there all the same.
                found["gone"] += one.key in self._last and not os.path.lexists(one.path)
            elif data != self._last.get(one.key):
                found["changes"] += one.key in self._last
                self._last[one.key] = data
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
    wanted = [
        {
            "role": one.role,
            "key": one.key,
            "path": str(one.path),
            "format": one.format,
            "numbers": dict(one.numbers),
            "scratch": str(one.scratch) if one.scratch else None,
        }
        for one in tracked
    ]
    return {"files": wanted, "evidence": str(evidence)}


def _tracked(asked: Mapping[str, Any]) -> bot_files.Tracked:
    return bot_files.Tracked(
        role=asked["role"],
        key=asked["key"],
        path=Path(asked["path"]),
        format=asked["format"],
        never_back=(),
        backup=None,
        numbers=asked["numbers"],
        scratch=Path(asked["scratch"]) if asked["scratch"] else None,
    )


def main(path: Path) -> None:
    """Read until standard input is closed, which the end of whoever asked does as well."""
    asked = json.loads(path.read_text(encoding="utf-8"))
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    reader, began = (
        Reader([_tracked(one) for one in asked["files"]], Path(asked["evidence"])),
        time.monotonic(),
    )
    print("reading", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        reader.look()
    print(json.dumps({"seconds": round(time.monotonic() - began, 3), "files": reader.figures}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
