"""Tidying and runs keep out of each other's way."""

import threading
from pathlib import Path

from fleet_stress.recovery import host_lock
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.recover import tidy
from fleet_stress.recovery.undo import Undo, open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.store.layout import RunFolder
from tests.engine.conftest import BASELINE, FOREVER, RUN, result, verdicts


def old_run(stress_dir, name="old"):
    run = RunFolder(stress_dir / "runs" / name)
    run.evidence.mkdir(parents=True)
    return run


def test_nothing_is_removed_while_a_run_runs(make_plan, stress_dir):
    old = old_run(stress_dir)
    hand_over(make_plan([FOREVER]))

    assert tidy(stress_dir, keep=1) == {"changed": False, "removed": []}
    assert old.evidence.exists()


def test_what_could_not_be_undone_is_not_forgotten(stress_dir):
    for name in ("older", "old"):
        run = old_run(stress_dir, name)
    record = Undo(Journal(run.journal, "slow")).record(
        "unmount", target="/srv", source="fleet-stress:by_hand"
    )

    tidy(stress_dir, keep=0)

    assert [path.name for path in (stress_dir / "runs").iterdir()] == ["old"]
    assert [entry["id"] for entry in open_records(run.journal)] == [record]


def test_no_plan_is_taken_while_old_records_are_removed(make_plan, stress_dir):
    old = old_run(stress_dir, f"{RUN}-old")
    handed = {}
    with host_lock.alone(stress_dir, "removing old records"):
        taking = threading.Thread(target=lambda: handed.update(hand_over(make_plan([BASELINE]))))
        taking.start()
        taking.join(0.5)
        assert taking.is_alive()
        assert not Path(stress_dir, "runs", RUN).exists()
    taking.join()

    assert verdicts(result(handed["run_dir"])) == {"baseline": "passed"}
    assert tidy(stress_dir, keep=1)["removed"][0] == str(old.path)
