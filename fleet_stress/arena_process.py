"""The process of one arena: runs a scenario of a run's plan from its first step to its stored evidence."""

from __future__ import annotations

import json
import signal
import traceback
from pathlib import Path
from typing import Any

from fleet_stress.arena import Arena, ArenaFailed, Stopped
from fleet_stress.place import RunFolder
from fleet_stress.steps import CutShort, Steps


def run(run_folder: Path, scenario_id: str) -> int:
    """Run one scenario; its evidence is on disk afterwards. Exit code 0 unless even that failed."""
    folder = RunFolder(run_folder)
    plan = json.loads(folder.plan.read_text(encoding="utf-8"))
    scenario = next(one for one in plan["scenarios"] if one["id"] == scenario_id)
    arena = Arena(folder, plan, scenario)

    def stop(*_: Any) -> None:
        arena.stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    document = arena.evidence.document
    try:
        with arena:
            steps = Steps(arena)
            try:
                steps.run(scenario["steps"])
            except CutShort as problem:
                document["ended"] = {"outcome": "cut_short", "reason": str(problem.args[1])}
            finally:
                steps.finish()
    except Stopped:
        document["ended"] = {"outcome": "cut_short", "reason": "the run was stopped"}
        document["error"] = "the run was stopped before this scenario had ended"
    except ArenaFailed as problem:
        document["error"] = str(problem)
    except Exception as problem:
        (arena.evidence.folder / "engine-traceback.txt").write_text(traceback.format_exc(), "utf-8")
        document["error"] = f"the engine failed: {type(problem).__name__}: {problem}"
    arena.evidence.store()
    return 0
