"""The bot that nobody broke passes everything, also where the host has no time for it.

`make test` sees the rows in a run by Ansible, beside all its other tests, so with all cores busy:
tests/play/test_the_whole_way.py. Here it is seen alone, quiet and busy.
"""

import pytest

from fleet_stress.store.plan_steps import all_steps

from .bench import HEALTHY, HEALTHY_SQLITE, all_cores_busy, told
from .mutant import REFERENCE_BOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def passes_everything(bench, tell):
    entries = bench.run(HEALTHY, "all")
    alarms = [name for name, entry in entries.items() if entry["verdict"] not in ("passed", "skipped")]
    tell(mutant="healthy", alarms=alarms)
    assert alarms == [], told(entries)
    assert entries["baseline"]["verdict"] == "passed"


@pytest.mark.long
def test_on_a_quiet_host(bench, tell):
    passes_everything(bench, tell)


@pytest.mark.long
def test_with_all_cores_busy(bench, tell):
    with all_cores_busy():
        passes_everything(bench, tell)


#: Rows that visit points, beside `crash_points`, which is the one of them that the run by Ansible takes: all points of
#: all three take two cores a minute. `make test-long` visits them.
OF_POINTS = "errors_at_every_point,power_cut"
#: So many, the most different first.
POINTS = 12


@pytest.mark.root
@pytest.mark.linux
def test_at_the_most_different_points(bench):
    plan = bench.plan("mutant-healthy", REFERENCE_BOT, HEALTHY.profile, OF_POINTS)
    for scenario in plan["scenarios"]:
        for step in all_steps(scenario["steps"]):
            if step["verb"] == "visit":
                step["args"]["most"] = POINTS

    entries = bench.run_plan(plan)

    assert {entry["verdict"] for entry in entries.values()} <= {"passed", "skipped"}, told(entries)
    for name in OF_POINTS.split(","):
        if entries[name]["verdict"] == "passed":
            assert entries[name]["measures"]["points"]["visits"] == POINTS


#: What a ledger in a database does otherwise: its lock, kills in its transactions, a second writer, a full disk.
OF_A_DATABASE = "database_locked,kill_in_write,contention,disk_full_with_state,sigterm"


def test_with_its_ledger_in_a_database(bench):
    entries = bench.run(HEALTHY_SQLITE, OF_A_DATABASE)
    assert {entry["verdict"] for entry in entries.values()} <= {"passed", "skipped"}, told(entries)
    assert entries["database_locked"]["verdict"] == "passed", told(entries)


@pytest.mark.long
def test_all_rows_with_its_ledger_in_a_database(bench):
    entries = bench.run(HEALTHY_SQLITE, "all")
    assert {entry["verdict"] for entry in entries.values()} <= {"passed", "skipped"}, told(entries)


@pytest.mark.long
@pytest.mark.parametrize("time", range(1, 21))
@pytest.mark.parametrize("busy", [False, True], ids=["quiet", "busy"])
def test_twenty_times_running(bench, tell, busy, time):
    if not busy:
        return passes_everything(bench, tell)
    with all_cores_busy():
        return passes_everything(bench, tell)
