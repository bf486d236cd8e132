"""A run of three scenarios on the controller, and hosts that bring results of every kind."""

import copy
import json

from fleet_controller.planning.compile_command import Asked
from fleet_controller.results.results import collect
from fleet_controller.runs.run_folder import open_run
from fleet_controller.untrusted.atomic_files import write_atomic

SCENARIOS = [
    {"id": "baseline", "row": "0", "title": "Runs when nothing is done to it"},
    {"id": "corrupt_state", "row": "1.3A", "title": "Survives a state file that was cut off"},
    {"id": "sigkill_restart", "row": "3.3", "title": "Recovers from SIGKILL in mid-cycle"},
]
GIT = {"kind": "git", "source": "https://x.org/b.git", "url": "https://x.org/b.git", "ref": "v1"}


class Run:
    """A run's folder as the report stage finds it."""

    def __init__(self, results_dir):
        self.results_dir = results_dir

    def begin(self, *hosts, source=GIT, selectors=()):
        """What ``stress_compile`` does."""
        command = {
            "bot": "reference",
            "bot_source": source,
            "profile": "smoke",
            "scenarios": [scenario["id"] for scenario in SCENARIOS],
            "hosts": list(hosts),
        }
        run = open_run(self.results_dir, command, {"fleet_stress": "0.1.0", "ansible": "2.19"})
        self.folder, self.run_id = run.folder, run.run_id
        compiled = {"asked": Asked("reference", "smoke", list(selectors)), "bot": {}, "scenarios": SCENARIOS}
        write_atomic(self.folder / "compiled.json", compiled)

    def comes_back(self, host, *, changes=None, **verdicts):
        """A host's result: all passed but ``verdicts``, by scenario as (verdict, reason, …)."""
        result = {
            "format": 1,
            "run_id": self.run_id,
            "host": host,
            "plan_hash": "0" * 64,
            "engine": "0.1.0",
            "system": {"system": "Linux", "release": "6.1", "machine": "x86_64", "python": "3.11.2"},
            "bot": "reference",
            "profile": "smoke",
            "started": "2026-11-24T14:12:00+00:00",
            "finished": "2026-11-24T14:12:30+00:00",
            "seconds": 30.0,
            "stopped": None,
            "scenarios": [
                _entry(scenario, *verdicts.get(scenario["id"], ("passed",))) for scenario in SCENARIOS
            ],
            "leftovers": [],
            **(changes or {}),
        }
        self.brings(host, json.dumps(result))
        for scenario in result["scenarios"]:
            if scenario["evidence"]:
                (self.folder / "hosts" / host / scenario["evidence"]).mkdir(parents=True, exist_ok=True)
        return copy.deepcopy(result)

    def brings(self, host, text):
        """Any text at all as a host's result."""
        folder = self.folder / "hosts" / host
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").write_text(text, encoding="utf-8")

    def collect(self, problems=None, verify=None, **more):
        return collect(self.folder, problems, verify, **more)


def _entry(scenario, verdict, *reasons):
    ran = verdict != "skipped"
    return {
        "scenario": scenario["id"],
        "row": scenario["row"],
        "title": scenario["title"],
        "verdict": verdict,
        "reasons": list(reasons),
        "notes": [],
        "findings": [],
        "known_from_baseline": [],
        "seconds": 4.2 if ran else 0.0,
        "evidence": f"evidence/{scenario['id']}" if ran else None,
        "measures": {"ran": True, "first_cycle_seconds": [0.31], "stop_seconds": []} if ran else {},
    }
