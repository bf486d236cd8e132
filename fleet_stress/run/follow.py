"""Watching a run from far away, cheaply: one long poll is one small process that waits for news."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from fleet_stress.recovery import host_lock, journal
from fleet_stress.store.layout import RunFolder

#: What is reported at once; the rest of the journal stays on the host.
NEWS = frozenset({"run_started", "scenario_started", "scenario_ended", "operator", "run_ended"})
#: What is reported now and then too, for a watcher that draws a picture.
STEP = "step"
_LOOK = 0.1


def follow(run_dir: Path, offset: int, wait: float, steps: float | None = None) -> int:
    """Print news after ``offset`` as JSON lines, waiting up to ``wait`` seconds for the first.

    Args:
        run_dir: The run's folder.
        offset: Where the poll before this one ended, in bytes of the journal.
        wait: How long to wait for news at most, in seconds.
        steps: None: steps are not reported. Else they are, gathered for so many seconds; each with its ``age`` in
            seconds, since the clocks of two machines need not agree.

    The last line is about the poll: where to continue (``offset``), whether the run has ``ended`` (its result
    is there) and whether its supervisor is ``alive``. Exit code 3 when there is no such run.
    """
    run = RunFolder(run_dir)
    if not run.plan.exists():
        print(json.dumps({"what": "poll", "offset": 0, "alive": False, "ended": False, "known": False}))
        return 3
    now = time.monotonic()
    deadline, gathered = now + wait, now + (steps or 0.0)
    urgent, others = 0, 0
    while True:
        # Order matters: a supervisor that is dead by now has written all that it will ever write.
        alive = host_lock.holds(run.stress_dir, run.run_id)
        ended = run.result.exists()
        for after, entry in journal.read(run.journal, offset):
            offset = after
            if entry["what"] in NEWS:
                print(json.dumps(entry))
                urgent += 1
            elif entry["what"] == STEP and steps is not None:
                print(json.dumps({**entry, "age": round(max(0.0, time.time() - entry["at"]), 1)}))
                others += 1
        now = time.monotonic()
        if urgent or ended or not alive or (others and now >= gathered) or now >= deadline:
            break
        time.sleep(_LOOK)
    print(json.dumps({"what": "poll", "offset": offset, "alive": alive, "ended": ended, "known": True}))
    sys.stdout.flush()
    return 0
