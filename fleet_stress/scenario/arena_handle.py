"""The process of one arena, from the supervisor's side."""

from __future__ import annotations

import os
import subprocess
import time
from typing import Any

from fleet_stress.scenario import taken_up
from fleet_stress.store.deletion import remove_tree
from fleet_stress.store.layout import ARENA_VARIABLE, SUPERVISOR_VARIABLE, RunFolder
from fleet_stress.system import own_python

#: How long an arena may take to end its bot and undo before it is killed. Seconds.
_STOP_WITHIN = 180.0


class ArenaHandle:
    """One arena's process: started here, asked to stop, killed when it does not."""

    def __init__(self, run: RunFolder, scenario: dict[str, Any]) -> None:
        self.scenario = scenario
        self.began = time.monotonic()
        self._asked_at: float | None = None
        #: Of the run's journal: before this byte there is nothing that it has to undo.
        self.journal_from = run.journal.stat().st_size if run.journal.exists() else 0
        # What an earlier, interrupted attempt left.
        remove_tree(run.arena(scenario["id"]))
        taken_up.clear(run.evidence / scenario["id"], scenario)
        argv = own_python.argv("fleet_stress", "arena", str(run.path), scenario["id"])
        mark = {
            ARENA_VARIABLE: f"{run.mark}/{scenario['id']}",
            SUPERVISOR_VARIABLE: str(os.getpid()),
        }
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env={**os.environ, **mark})

    def stop(self) -> None:
        """Ask it to stop; kill it when that was asked ``_STOP_WITHIN`` ago."""
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
            self.process.terminate()
        elif now - self._asked_at > _STOP_WITHIN:
            self.process.kill()
