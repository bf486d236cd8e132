"""The watchdog: whoever of us dies or hangs, the host is as it was before, also when no controller comes back."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from fleet_stress.recovery import halt, host_lock, lease, watchdog
from fleet_stress.recovery.journal import entries
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import Refused, hand_over
from fleet_stress.store.layout import RunFolder

from .conftest import (
    BASELINE,
    FOREVER,
    RUN,
    arena_of,
    bots_of,
    result,
    scenario,
    start,
    until,
    verdicts,
    wait,
)


def supervisor(stress_dir):
    return host_lock.holder(stress_dir)["pid"]


@pytest.fixture
def endless(make_plan, stress_dir):
    """A run that goes on for ever, with its bot running."""
    run = RunFolder(Path(hand_over(make_plan([FOREVER]))["run_dir"]))
    until(lambda: bots_of(RUN), "the endless bot runs")
    return run


def test_it_is_armed_before_the_first_arena_and_gone_after_the_result(make_plan, stress_dir):
    run = RunFolder(Path(hand_over(make_plan([BASELINE]))["run_dir"]))
    watching = watchdog.pid(run)
    assert watching is not None
    assert os.getsid(watching) != os.getsid(supervisor(stress_dir))
    result(run.path)
    until(lambda: not psutil.pid_exists(watching), "the watchdog ends")


def test_a_dead_supervisor_and_a_dead_arena_are_undone_by_it(endless, stress_dir):
    arena = arena_of(RUN, "forever")
    arena.suspend()  # it must not see its supervisor die, and undo by itself
    os.kill(supervisor(stress_dir), signal.SIGKILL)
    arena.kill()

    until(lambda: not open_records(endless.journal), "the watchdog undoes")
    until(lambda: watchdog.pid(endless) is None, "and ends")
    assert bots_of(RUN) == []
    assert not (endless.arenas / "forever/bot").exists()
    assert [entry["who"] for entry in entries(endless.journal, "supervisor_gone")] == ["watchdog"]
    assert recover(stress_dir)["changed"] is False


def test_a_lease_that_runs_out_ends_the_run_in_good_order(endless, stress_dir):
    lease.grant(endless.lease, 0.0)

    found = result(endless.path)

    assert found["stopped"]["by"] == "SIGTERM"
    assert verdicts(found) == {"forever": "error"}
    assert entries(endless.journal, "lease_ended")
    assert bots_of(RUN) == []


def test_a_supervisor_that_hangs_beyond_its_lease_is_killed_and_its_run_undone(
    endless, stress_dir, monkeypatch
):
    # The watchdog of the run has the long patience of every day: this one has less, and takes its place.
    hangs = psutil.Process(supervisor(stress_dir))
    hangs.suspend()
    os.kill(watchdog.pid(endless), signal.SIGKILL)
    until(lambda: watchdog.pid(endless) is None, "the first watchdog is dead")
    lease.grant(endless.lease, 0.0)
    monkeypatch.setattr("fleet_stress.recovery.stop_run.end_run.__defaults__", (0.5,))

    assert watchdog.watch_run(endless.path) == 0

    assert not hangs.is_running() or hangs.status() == psutil.STATUS_ZOMBIE
    assert bots_of(RUN) == []
    assert open_records(endless.journal) == []


def test_a_watchdog_that_was_killed_is_armed_again(endless):
    first = watchdog.pid(endless)
    os.kill(first, signal.SIGKILL)

    until(lambda: watchdog.pid(endless) not in (None, first), "there is another")


def test_a_clock_that_is_set_ends_no_lease(endless, monkeypatch):
    assert lease.left(endless.lease) > 600
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert lease.left(endless.lease) > 600


def test_a_halt_ends_the_run_says_why_and_forbids_the_next(endless, stress_dir, make_plan):
    halt.halt(stress_dir, "incident 4711", "ops")
    report = recover(stress_dir, force=True)

    assert report["failed"] == []
    assert "ended, process" in report["undone"][0]
    assert result(endless.path)["stopped"]["by"] == "halt, by ops: incident 4711"
    assert bots_of(RUN) == []
    with pytest.raises(Refused, match=r"halted at .* by ops: incident 4711\. Release it with"):
        hand_over(make_plan([BASELINE], run_id=f"{RUN}b", plan_hash="h2"))
    halt.release(stress_dir)
    quick = scenario("quick", [start(1), wait("exit")])
    again = hand_over(make_plan([BASELINE, quick], run_id=f"{RUN}b", plan_hash="h2"))
    assert verdicts(result(again["run_dir"]))["quick"] == "passed"


def test_nothing_is_held_beside_a_run_and_no_run_begins_beside_what_is_held(endless, stress_dir, make_plan):
    with (
        pytest.raises(PermissionError, match="has been using this host"),
        records.Records(stress_dir, "x") as held,
    ):
        held.grant(60)
    assert records.held(stress_dir) == {}  # and no lease is left of the try
    recover(stress_dir, force=True)
    result(endless.path)
    with records.Records(stress_dir, "x") as held:
        held.grant(600)
    with pytest.raises(Refused, match=r"host is busy: a fault is held on it: x \(\d+ s left\)"):
        hand_over(make_plan([BASELINE], run_id=f"{RUN}b", plan_hash="h2"))
    assert recover(stress_dir, force=True)["failed"] == []
    assert records.held(stress_dir) == {}


def test_recover_by_force_ends_what_is_alive_and_a_second_time_finds_nothing(endless, stress_dir):
    looked = recover(stress_dir, look_only=True, force=True)
    assert looked["changed"]
    assert bots_of(RUN)
    report = recover(stress_dir, force=True)
    assert (report["alive"], report["failed"]) == (None, [])
    assert bots_of(RUN) == []
    assert recover(stress_dir, force=True)["changed"] is False


def test_a_host_that_would_starve_ends_the_run_by_itself(make_plan, stress_dir):
    plan = make_plan([FOREVER])
    plan["limits"]["disk_floor_mb"] = 10**9
    found = result(hand_over(plan)["run_dir"])

    assert found["stopped"]["by"].startswith("the disk floor: ")
    assert verdicts(found) == {"forever": "error"}
    assert bots_of(RUN) == []


def test_where_systemd_runs_a_transient_unit_watches(endless, tmp_path, monkeypatch):
    """A strict double of systemd-run(1): it knows the options that we use and no others, and starts the unit."""
    double = tmp_path / "systemd-run"
    double.write_text(f"""#!{sys.executable}
import json, os, subprocess, sys
known = ("--unit=", "--collect", "--quiet", "--property=Type=exec", "--property=Restart=on-failure")
options = [word for word in sys.argv[1:] if word.startswith("--") and sys.argv.index(word) < 6]
command = sys.argv[1 + len(options):]
assert all(word.startswith(known) for word in options), options
assert os.path.isabs(command[0]), command
open({str(tmp_path / "seen")!r}, "w").write(json.dumps([options, command]))
subprocess.Popen(command, stdin=-3, stdout=-3, stderr=-3, start_new_session=True)
""")
    double.chmod(0o755)
    monkeypatch.setattr("fleet_stress.system.programs._PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("fleet_stress.system.linux.service.has_service_manager", lambda: True)
    other = RunFolder(endless.path.parent / f"{RUN}x")
    other.path.mkdir()

    watchdog.arm_for_run(other)

    assert f"--unit=fleet-stress-watchdog-{other.mark}-".replace(".", "-") in (tmp_path / "seen").read_text()
    until(lambda: watchdog.pid(other) is None, "it finds nobody to watch, and ends")
