"""Where there is no FUSE: rows 1.5 A and B by the Python shim, which is forced here."""

import json

import pytest

from .bench import HEALTHY, Bench, told
from .mutant import FOLDER, load

ROWS = ["slow_disk_latency", "slow_disk_bandwidth"]
CAREFUL = load(FOLDER / "gives_up_on_a_slow_disk.yml")


class ByPython(Bench):
    """Applies each slow disk by the Python shim."""

    def _plan(self, mutant, scenarios):
        plan = super()._plan(mutant, scenarios)
        for scenario in plan["scenarios"]:
            for step in scenario["steps"]:
                if step["args"].get("fault") == "slow_disk" and step["verb"] == "fault":
                    step["args"]["args"]["by"] = "python"
        return plan


@pytest.fixture
def by_python(bench):
    return ByPython(bench.stress_dir)


def test_the_healthy_bot_passes_and_the_evidence_says_how(by_python):
    entries = by_python.run(HEALTHY, ",".join(ROWS))

    assert {name: entries[name]["verdict"] for name in ROWS} == dict.fromkeys(ROWS, "passed"), told(entries)
    [run] = (by_python.stress_dir / "runs").iterdir()
    for name in ROWS:
        seen = json.loads((run / f"evidence/{name}/evidence.json").read_text())
        proof = seen["faults"][0]["proof"]
        assert proof["delayed"] > 0
        assert proof["folders"]["state"]["by"] == "python"
        assert proof["folders"]["state"]["cannot_see"]
        assert (run / f"evidence/{name}/slow_disk-state.jsonl").read_text().count('"rename"') > 2


def test_a_bot_that_gives_up_on_a_slow_disk_fails(by_python):
    entries = by_python.run(CAREFUL, ",".join(ROWS))
    assert {name: entries[name]["verdict"] for name in ROWS} == dict.fromkeys(ROWS, "failed"), told(entries)
