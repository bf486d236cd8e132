"""The verdicts of one run, and its result: each verdict is on disk before it is reported."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from fleet_stress import __version__, system
from fleet_stress.judge.judge import judge
from fleet_stress.store import bounded_read, timestamps
from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.errors import Damaged
from fleet_stress.store.layout import RunFolder


class Verdicts:
    """The entries of ``result.json`` for the scenarios of a plan, as far as there are any."""

    def __init__(self, run: RunFolder, plan: Mapping[str, Any]) -> None:
        self._run, self._plan = run, plan
        self._entries: dict[str, dict[str, Any]] = {}

    def resume(self, scenario: Mapping[str, Any]) -> bool:
        """Take over what an earlier supervisor judged; False where there is nothing."""
        try:
            entry = bounded_read.document(self._run.verdicts / f"{scenario['id']}.json")
        except (OSError, Damaged):
            return False
        self._entries[scenario["id"]] = entry
        return True

    def baseline(self) -> dict[str, Any] | None:
        """The baseline's entry, once there is one."""
        ids = (scenario["id"] for scenario in self._plan["scenarios"] if scenario["baseline"])
        return next((self._entries[name] for name in ids if name in self._entries), None)

    def judge(self, scenario: Mapping[str, Any], *, ran: bool) -> dict[str, Any]:
        """The entry of a scenario, by the evidence that it left."""
        folder = self._run.evidence / scenario["id"] if ran else None
        baseline = None if scenario["baseline"] else self.baseline()
        return judge(scenario, self._plan["bot"], folder, baseline)

    def store(self, entry: dict[str, Any]) -> None:
        """Write an entry to disk. Raises OSError."""
        write_atomic(self._run.verdicts / f"{entry['scenario']}.json", entry)
        self._entries[entry["scenario"]] = entry

    def store_result(
        self, started: str, seconds: float, stopped: Mapping[str, str] | None, leftovers: list[str]
    ) -> None:
        """Write ``result.json``: who ran what, all entries in the plan's order, and what could not be undone."""
        ids = [scenario["id"] for scenario in self._plan["scenarios"]]
        result = {
            "format": 1,
            "run_id": self._run.run_id,
            "host": self._plan["host"],
            "plan_hash": self._plan["plan_hash"],
            "engine": __version__,
            "system": {
                "system": platform.system(),
                "release": platform.release(),
                "machine": platform.machine(),
                "python": platform.python_version(),
                "distribution": system.distribution(),
            },
            "bot": self._plan["bot"]["name"],
            "profile": self._plan["profile"],
            "started": started,
            "finished": timestamps.now(),
            "seconds": round(seconds, 2),
            "stopped": stopped,
            "scenarios": [self._entries[name] for name in ids if name in self._entries],
            "leftovers": [{"kind": "undo", "what": sentence} for sentence in leftovers],
        }
        write_atomic(self._run.result, result)
