"""Faults of load in a whole run, and whoever of ours dies while they stand: nothing is left."""

import os
import signal
import sys
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.observe import sample_file
from fleet_stress.recovery import host_lock
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.system import cgroups

from .conftest import RUN, arena_of, bots_of, evidence, result, scenario, send, start, until, verdicts, wait


def fault(name, **arguments):
    return {"verb": "fault", "args": {"fault": name, "args": arguments}}


def lift(name):
    return {"verb": "lift", "args": {"fault": name}}


#: Where the first bot runs for ever and a rival beside it, slowed down.
LOADED = scenario(
    "loaded",
    [
        {"verb": "start", "args": {"settings": {"scan_interval": 0.1}}},
        wait("first_cycle"),
        fault("throttle", cpu=0.2),
        fault("rival"),
        fault("broken_module", kind="import_runtime_error", module="numpy"),
        wait("exit", within=600.0),
    ],
    within=600.0,
)

#: The little bot cannot read an empty number of cycles, which is what a rival gets.
ENDLESS = {
    "settings": {"scan_interval": {"variable": "SCAN_INTERVAL_SECONDS"}},
    "environment": {"STATE_DIR": "${state_dir}", "LOG_DIR": "${log_dir}", "MAX_CYCLES": "1000000"},
}
#: Nor are two of it safe from each other.
ALONE = """
def save(name, document):
    beside = f"{state}/{name}.{os.getpid()}.tmp"
    with open(beside, "w") as stream:
        json.dump(document, stream)
    os.replace(beside, f"{state}/{name}")
"""


def groups():
    """Control groups of this run's arena, in whichever folder of ours it lies."""
    roots = [group.path.parent for group in cgroups.plan("x", ("cpu",))]
    found = [path for root in roots for path in root.glob(f"{cgroups.PREFIX}{RUN}*")]
    return [path for path in found if path.name.endswith("-loaded")]


def stands(run_dir):
    """All three faults stand: the fake, the last of them, is in place."""
    until(lambda: Path(run_dir, "arenas/loaded/fault/modules/numpy").is_dir(), "the faults stand")
    assert len(bots_of(RUN)) == 2
    if os.geteuid() == 0 and sys.platform == "linux" and cgroups.plan("x", ("cpu",)):
        assert groups()


def nothing_left(run_dir):
    assert bots_of(RUN) == []
    assert groups() == []
    assert not Path(run_dir, "arenas/loaded/fault").exists()
    assert open_records(Path(run_dir, "journal.jsonl")) == []


def arena():
    found = arena_of(RUN, "loaded")
    assert found is not None, "no arena"
    return found


@pytest.mark.linux
def test_kill_9_of_the_arena(make_plan):
    run_dir = hand_over(make_plan([LOADED], before=ALONE, **ENDLESS))["run_dir"]
    stands(run_dir)
    arena().kill()

    assert verdicts(result(run_dir)) == {"loaded": "error"}
    nothing_left(run_dir)


@pytest.mark.linux
def test_kill_9_of_the_supervisor(make_plan, stress_dir):
    run_dir = hand_over(make_plan([LOADED], before=ALONE, **ENDLESS))["run_dir"]
    stands(run_dir)
    os.kill(host_lock.holder(stress_dir)["pid"], signal.SIGKILL)

    until(lambda: not bots_of(RUN) and not open_records(Path(run_dir, "journal.jsonl")), "the arena undoes")
    nothing_left(run_dir)


@pytest.mark.linux
def test_kill_9_of_both_is_undone_by_recover(make_plan, stress_dir):
    run_dir = hand_over(make_plan([LOADED], before=ALONE, **ENDLESS))["run_dir"]
    stands(run_dir)
    ours = arena()
    ours.suspend()
    os.kill(host_lock.holder(stress_dir)["pid"], signal.SIGKILL)
    ours.kill()
    until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is gone")

    report = recover(stress_dir)

    assert report["failed"] == []  # the watchdog may have been first, and then there was nothing to change
    nothing_left(run_dir)


@pytest.mark.linux
def test_kills_in_mid_write_are_told_with_what_was_being_written(make_plan):
    aimed = {"verb": "signal", "args": {"signal": "KILL", "aim": "state_write", "within": 60.0}}
    steps = [start(9999, interval=0.01), wait("first_cycle"), aimed, start(2), wait("exit")]
    expect = [
        {"check": "killed_in_write", "args": {"times": 1}},
        {"check": "little_lost", "args": {}},
        {"check": "exit_code", "args": {"is": "finished"}},
    ]
    run_dir = hand_over(make_plan([scenario("aimed", steps, expect=expect)]))["run_dir"]

    assert verdicts(result(run_dir)) == {"aimed": "passed"}
    first, second = evidence(run_dir, "aimed")["starts"]
    [sent] = first["signals"]
    assert (sent["signal"], first["exit"]["signal"]) == ("KILL", "KILL")
    assert set(sent["writing"]) <= {"status.json.tmp", "health.json.tmp"}
    assert sent["writing"]
    assert second["signals"] == []


@pytest.mark.linux
def test_a_bot_that_writes_no_state_cannot_be_aimed_at(make_plan):
    aimed = {"verb": "signal", "args": {"signal": "KILL", "aim": "state_write", "within": 1.0}}
    quiet = scenario("quiet", [start(9999), aimed], expect=[])
    run_dir = hand_over(make_plan([quiet], before="stop.wait(600)"))["run_dir"]

    found = result(run_dir)

    assert verdicts(found) == {"quiet": "not_exercised"}
    assert "in mid-write: not within 1 s" in found["scenarios"][0]["reasons"][0]
    assert evidence(run_dir, "quiet")["starts"][0]["exit"]["by"] == "engine"
    assert bots_of(RUN) == []


@pytest.mark.linux
def test_a_held_bot_handles_a_signal_that_it_can_handle(make_plan):
    aimed = {"verb": "signal", "args": {"signal": "TERM", "aim": "state_write", "within": 60.0}}
    asked = scenario("asked", [start(9999, interval=0.01), wait("first_cycle"), aimed], expect=[])
    run_dir = hand_over(make_plan([asked]))["run_dir"]

    assert verdicts(result(run_dir)) == {"asked": "passed"}
    assert evidence(run_dir, "asked")["starts"][0]["exit"]["code"] == 0


def test_a_throttled_bot_is_sampled_and_asked_to_stop(make_plan):
    steps = [
        {"verb": "sample", "args": {"every": 0.1}},
        start(9999),
        wait("first_cycle"),
        fault("throttle"),
        wait("more_cycles", cycles=3),
        send("TERM"),
        lift("throttle"),
    ]
    expect = [{"check": "exit_code", "args": {"is": "terminated"}}]
    run_dir = hand_over(make_plan([scenario("slow", steps, expect=expect)]))["run_dir"]

    assert verdicts(result(run_dir)) == {"slow": "passed"}
    seen = evidence(run_dir, "slow")
    [throttled] = seen["faults"]
    assert throttled["bit"]
    assert throttled["proof"]["read_back"][0]["nice"] == 19
    samples = sample_file.read(Path(run_dir) / "evidence/slow")
    assert len(samples) >= 2
    assert None not in (
        samples[0][word] for word in ("cpu", "host_idle", "private", "handles", "state_bytes")
    )
    assert system.priorities(os.getpid())[0].nice != 19
