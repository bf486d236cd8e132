"""The faulty file system without rules is no fault: below state and log of each row, its verdict is what it was."""

import os

import pytest

from fleet_stress.faults.disk import covering
from fleet_stress.faults.site import Where

from .bench import HEALTHY, Bench, told

pytestmark = [pytest.mark.long, pytest.mark.root, pytest.mark.linux, pytest.mark.timeout(1800)]

PASSTHROUGH = {"verb": "fault", "args": {"fault": "faulty_fs", "args": {"folder": "both", "rules": []}}}


class OnPassthrough(Bench):
    """Puts it under each scenario before the bot starts; where the disk is a small volume, on that."""

    def _plan(self, mutant, scenarios):
        plan = super()._plan(mutant, scenarios)
        for scenario in plan["scenarios"]:
            names = [step["args"].get("fault") for step in scenario["steps"]]
            if "slow_disk" not in names:  # which is on one
                place = names.index("ram_volume") + 1 if "ram_volume" in names else 0
                scenario["steps"].insert(place, PASSTHROUGH)
        return plan


def test_each_row_has_the_verdict_that_it_has_without(bench, tmp_path):
    cannot = covering.supported(Where(tmp_path, {}, None), {"by": "fuse"})
    if cannot:
        pytest.skip(cannot.reason)
    without = bench.run(HEALTHY, "all")
    (bench.stress_dir / "bots" / f"mutant-healthy-{os.getpid()}").rename(bench.stress_dir / "bots/before")
    for run in (bench.stress_dir / "runs").iterdir():
        run.rename(run.with_name("before"))

    through = OnPassthrough(bench.stress_dir).run(HEALTHY, "all")

    verdicts = {name: entry["verdict"] for name, entry in without.items()}
    print(f"{len(verdicts)} rows: {sorted(verdicts.items())}")
    assert {name: entry["verdict"] for name, entry in through.items()} == verdicts, told(through)
