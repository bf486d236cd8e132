"""``reader``: a reader polls the bot's files as fast as it can (row 6.12), as dashboards, backups and people do.

A process of ours. It takes no lock and writes nothing; it has lower priority than the bot. It took effect when it has
seen a file change often enough: a reader of files that do not change reads no half-written one.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.rivals.reader_process import request
from fleet_stress.faults.site import Where
from fleet_stress.system import helper_process, own_python

#: It has so long to start, and to tell what it found: deadlines, not expectations. Seconds.
_WITHIN = 60.0
#: Half of a text is a text, and what is in bytes only a command of the profile can say, which is too slow to ask.
_UNCLEAR = ("text", "bytes")


class Reader(Fault):
    name = "reader"
    title = "a reader polls the files"
    schema = {
        "type": "object",
        "description": "Read the bot's state files, and its logs other than text, as fast as possible.",
        "additionalProperties": False,
        "properties": {
            "changes": {
                "type": "integer",
                "minimum": 1,
                "description": "The changes of a file that it must see to have taken effect; 3 by default.",
            }
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Of one of the bot's files it has to be clear when half of it is there."""
        entries = [*where.bot.get("state", {}).values(), *where.bot.get("logs", {}).values()]
        if any(entry.get("format", "json") not in _UNCLEAR for entry in entries):
            return None
        return Unsupported(
            "no file in the bot's profile has a format of which a reader can tell a half from a whole",
            "name one of another format than text and bytes there, if the bot has one",
        )

    def apply(self) -> None:
        """Start it; it reads when this returns. Raises OSError when it does not come up."""
        tracked_files = [tracked for tracked in self.site.files.values() if tracked.format not in _UNCLEAR]
        request_file = self.site.scratch / "reader.json"
        request_file.write_text(json.dumps(request(tracked_files, self.site.evidence)), encoding="utf-8")
        with (self.site.evidence / "reader.err").open("wb") as errors:
            started = helper_process.start(
                own_python.argv("fleet_stress.faults.rivals.reader_process", str(request_file)),
                self.site.mark,
                errors,
            )
        assert started.stdout is not None
        if started.stdout.readline() != b"reading\n":
            helper_process.end(started)
            raise OSError("the reader did not come up; see reader.err")
        self._process = started

    def prove(self) -> Proof:
        """Its figures: for each file how often it was read, found changed, torn, or gone. Raises OSError."""
        try:
            out, _ = self._process.communicate(timeout=_WITHIN)
            figures: dict[str, Any] = json.loads(out)
        except (subprocess.TimeoutExpired, ValueError) as problem:
            raise OSError("the reader did not tell what it read; see reader.err") from problem
        changes = max((file["changes"] for file in figures["files"].values()), default=0)
        enough = int(self.arguments.get("changes", 3))
        details = {
            **figures,
            "reads": sum(file["reads"] for file in figures["files"].values()),
            "changes": changes,
        }
        if changes < enough:
            details["why"] = (
                f"no file was found changed {enough} times while it was read; at most {changes} times"
            )
        return Proof(changes >= enough, details)

    def revert(self) -> Mapping[str, Any]:
        """End it, where it still runs."""
        helper_process.end(self._process)
        return {"running": self._process.poll() is None}
