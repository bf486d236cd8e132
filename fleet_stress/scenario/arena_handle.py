"""The process of one arena, from the supervisor's side."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from fleet_stress.store.deletion import remove_tree
from fleet_stress.store.layout import ARENA_VARIABLE, SUPERVISOR_VARIABLE, RunFolder

#: An arena that was told to stop has so long to end its bot and undo before it is killed.
_STOP_WITHIN = 180.0


class Running:
    """One arena's process."""

    def __init__(self, run: RunFolder, scenario: dict[str, Any]) -> None:
        self.scenario = scenario
        self.began = time.monotonic()
        self.told_at: float | None = None
        for folder in (run.arenas, run.evidence):  # what an earlier, interrupted try left
            remove_tree(folder / scenario["id"])
        argv = [sys.executable, "-m", "fleet_stress", "arena", str(run.path), scenario["id"]]
        mark = {
            ARENA_VARIABLE: f"{run.mark}/{scenario['id']}",
            SUPERVISOR_VARIABLE: str(os.getpid()),
        }
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env={**os.environ, **mark})

    def tell(self) -> None:
        """Ask it to stop; kill it when it was asked long ago."""
        now = time.monotonic()
        if self.told_at is None:
            self.told_at = now
            self.process.terminate()
        elif now - self.told_at > _STOP_WITHIN:
            self.process.kill()
