"""The evidence of one scenario: what was seen, stored before it is judged (principle 10).

``evidence.json`` is described in ``docs/evidence.md``. Times called ``at`` are seconds since the scenario
began; those called ``wall`` are seconds since the epoch, comparable with the times of files. ``clock`` is the
beginning by the host's ``time.monotonic``.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.store.atomic import write_atomic

#: Observations beyond this many keep the first quarter and the newest rest.
OBSERVATION_LIMIT = 2000


class Evidence:
    """Collects what one scenario sees; ``store`` puts it on disk."""

    def __init__(self, folder: Path, scenario: str, row: str) -> None:
        self.folder = folder
        self._began = time.monotonic()
        self.document: dict[str, Any] = {
            "format": 1,
            "scenario": scenario,
            "row": row,
            "started": datetime.datetime.now(datetime.timezone.utc).isoformat(),
            "wall": time.time(),
            "clock": self._began,
            "seconds": 0.0,
            "starts": [],
            "snapshots": {},
            "observations": [],
            "faults": [],
            "samples": [],
            "probes": [],
            "commands": [],
            "visits": [],
            "outside": [],
            "network": {"kind": None, "looked_elsewhere": {}},
            "processes": {"limit": None, "by": None, "reached": None},
            "steps": [],
            "ended": {"outcome": "done", "reason": ""},
            "limited": None,
            "error": None,
            "notes": [],
        }
        folder.mkdir(parents=True, exist_ok=True)

    def now(self) -> float:
        """Seconds since the scenario began."""
        return round(time.monotonic() - self._began, 4)

    def goes_on(self, seconds: float, starts: int) -> None:
        """It goes on after an attempt that was interrupted: so long ago it began, and had so many starts."""
        self._began = self.document["clock"] = time.monotonic() - seconds
        self.document["wall"] = time.time() - seconds
        began = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
        self.document["started"] = began.isoformat()
        self.document["taken_up"] = {"at": self.now(), "starts": starts}

    def observe(self, observation: dict[str, Any]) -> None:
        """Remember one change of a file; of too many, the middle ones are dropped."""
        seen = self.document["observations"]
        seen.append(observation)
        if len(seen) > OBSERVATION_LIMIT:
            del seen[OBSERVATION_LIMIT // 4]

    def note(self, sentence: str) -> None:
        """Remember a sentence for the reader, once."""
        if sentence not in self.document["notes"]:
            self.document["notes"].append(sentence)

    def store(self) -> None:
        """Write ``evidence.json``, atomically."""
        self.document["seconds"] = self.now()
        write_atomic(self.folder / "evidence.json", self.document)


def written_at(look: Mapping[str, Any]) -> float:
    """When what was seen in a file was written there, on the scenario's clock: on a slow host well before."""
    return float(look["at"]) - max(0.0, float(look["wall"]) - float(look["mtime"]))
