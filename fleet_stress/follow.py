"""Watching a run from far away, cheaply: one long poll is one small process that waits for news."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from fleet_stress import journal, lock
from fleet_stress.place import RunFolder

#: What a watcher wants to hear of; the rest of the journal stays on the host.
NEWS = frozenset({"run_started", "scenario_started", "scenario_ended", "operator", "run_ended"})
_LOOK = 0.1


def follow(run_dir: Path, offset: int, wait: float) -> int:
    """Print news behind ``offset`` as JSON lines, waiting up to ``wait`` seconds for the first.

    The last line is the poll's own: where to go on (``offset``), whether the run has ``ended`` (its result
    is there) and whether its supervisor is ``alive``. Exit code 3 when there is no such run.
    """
    run = RunFolder(run_dir)
    if not run.plan.exists():
        print(json.dumps({"what": "poll", "offset": 0, "alive": False, "ended": False, "known": False}))
        return 3
    deadline = time.monotonic() + wait
    while True:
        # Order matters: who is dead by now has written all that it will ever write.
        alive = lock.holds(run.stress_dir, run.run_id)
        ended = run.result.exists()
        news = 0
        for behind, entry in journal.read(run.journal, offset):
            offset = behind
            if entry["what"] in NEWS:
                print(json.dumps(entry))
                news += 1
        if news or ended or not alive or time.monotonic() >= deadline:
            break
        time.sleep(_LOOK)
    print(json.dumps({"what": "poll", "offset": offset, "alive": alive, "ended": ended, "known": True}))
    sys.stdout.flush()
    return 0
