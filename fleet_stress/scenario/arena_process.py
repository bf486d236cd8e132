"""The process of one arena: runs a scenario of a run's plan from its first step to its stored evidence."""

from __future__ import annotations

import json
import signal
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.scenario import taken_up
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.crash_points import visit_scenario
from fleet_stress.scenario.early_end import ArenaFailed, CutShort, Stopped
from fleet_stress.scenario.steps import Steps
from fleet_stress.store.errors import Damaged
from fleet_stress.store.layout import RunFolder, stored_plan
from fleet_stress.system import process


def run(run_folder: Path, scenario_id: str) -> int:
    """Run one scenario; its evidence is on disk afterwards. Exit code 0 unless even that failed."""
    process.go_before_bots()
    folder = RunFolder(run_folder)
    plan = stored_plan(folder.plan, "scenarios", "bot")
    scenario = _named(folder, plan, scenario_id)
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
                steps.run(taken_up.rest(scenario, arena.evidence))
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


def _named(run: RunFolder, plan: Mapping[str, Any], scenario_id: str) -> Any:
    """A scenario of the plan, or a visit of one. Raises Damaged: there is none of that name; and OSError."""
    if "/" in scenario_id:
        return json.loads(visit_scenario.document(run, scenario_id).read_text(encoding="utf-8"))
    found = {scenario["id"]: scenario for scenario in plan["scenarios"]}
    if scenario_id not in found:
        raise Damaged(f"no scenario {scenario_id!r} in the plan. Name one of these: {', '.join(found)}")
    return found[scenario_id]
