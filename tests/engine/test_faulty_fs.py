"""A bot on the disk that lies, in a real run: what the engine sees, and that nothing is left whoever dies or hangs."""

import contextlib
import os
import signal
from pathlib import Path

import psutil
import pytest

from fleet_stress.faults.disk import covering
from fleet_stress.faults.site import Where
from fleet_stress.recovery import host_lock
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.system import tree

from .conftest import RUN, bots_of, evidence, is_mark, result, scenario, send, start, until, verdicts, wait
from .test_deaths import supervisor

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.slow]


@pytest.fixture(autouse=True)
def able(tmp_path):
    cannot = covering.supported(Where(tmp_path, {}, None), {"by": "fuse"})
    if cannot:
        pytest.skip(cannot.reason)


def fault(name, **arguments):
    return {"verb": "fault", "args": {"fault": name, "args": arguments}}


def lift(name):
    return {"verb": "lift", "args": {"fault": name}}


CHECKS = [{"check": name, "args": {}} for name in ("state_valid", "state_fresh", "no_traceback", "no_litter")]
FINISHED = {"check": "exit_code", "args": {"is": "finished"}}
#: Saves under it do not come back before the test is over.
FROZEN = fault("faulty_fs", rules=[{"on": ["rename"], "delay": 100000}])


def test_a_slow_disk_is_met_and_survived_and_the_engine_sees_each_cycle(make_plan):
    steps = [fault("slow_disk", latency=0.05), start(4, 0.1), wait("exit"), lift("slow_disk")]
    slow = scenario("slow", steps, expect=[FINISHED, *CHECKS])
    run_dir = hand_over(make_plan([slow]))["run_dir"]

    found = result(run_dir)

    assert verdicts(found) == {"slow": "passed"}, found["scenarios"][0]["reasons"]
    assert found["scenarios"][0]["notes"] == ["no lock time-out was seen while the disk was slow"]
    seen = evidence(run_dir, "slow")
    assert seen["faults"][0]["proof"]["delayed"] == 16  # a file made and a file renamed, two files a cycle
    assert [cycle["n"] for cycle in seen["starts"][0]["cycles"]][-1] == 4
    assert set(seen["snapshots"]["snapshots/01-after"]["files"]) == {"state/status.json", "state/health.json"}
    assert {path.name for path in Path(run_dir, "arenas/slow/state").iterdir()} == {
        "status.json",
        "health.json",
    }


def test_lock_time_outs_are_told(make_plan):
    before = "print('filelock: lock state.lock timed out', file=sys.stderr)"
    steps = [fault("slow_disk", latency=0.05), start(2, 0.1), wait("exit")]
    run_dir = hand_over(make_plan([scenario("slow", steps)], before=before))["run_dir"]
    [entry] = result(run_dir)["scenarios"]
    assert entry["notes"] == [
        "lock time-outs seen while the disk was slow: 1, first: filelock: lock state.lock timed out"
    ]


def test_one_that_comes_while_the_bot_runs_and_goes_before_it(make_plan):
    steps = [
        start(9999, 0.05),
        wait("cycles", cycles=2),
        fault("slow_disk", latency=0.05),
        wait("met", cycles=8),
        lift("slow_disk"),
        wait("more_cycles", cycles=3),
        send("TERM"),
    ]
    terminated = {"check": "exit_code", "args": {"is": "terminated"}}
    run_dir = hand_over(make_plan([scenario("slow", steps, expect=[terminated, *CHECKS])]))["run_dir"]
    found = result(run_dir)
    assert verdicts(found) == {"slow": "passed"}, found["scenarios"][0]["reasons"]


def test_a_disk_on_which_nobody_is_delayed_proves_nothing(make_plan):
    steps = [start(2, 0.1), wait("exit"), fault("slow_disk", latency=0.05), lift("slow_disk")]
    run_dir = hand_over(make_plan([scenario("slow", steps)]))["run_dir"]
    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "not_exercised"
    assert "no operation of the bot was delayed" in entry["reasons"][0]


def test_killed_at_just_the_kth_rename(make_plan):
    """The bot renames two files a cycle: the fifth is the third cycle's first, before or after it is done."""
    rules = [{"on": ["rename"], "kill": "before", "at": 5}]
    steps = [fault("faulty_fs", rules=rules), start(9, 0.05), wait("exit"), lift("faulty_fs")]
    killed = scenario("killed", [*steps, start(1), wait("exit")])
    run_dir = hand_over(make_plan([killed]))["run_dir"]
    result(run_dir)
    seen = evidence(run_dir, "killed")
    assert seen["starts"][0]["exit"]["signal"] == "KILL"
    files = seen["snapshots"]["snapshots/01-after"]["files"]
    assert set(files) == {"state/status.json", "state/status.json.tmp", "state/health.json"}
    assert seen["starts"][0]["cycles"][-1]["n"] == 2


def server(word="fleet_stress.faulty_fs.server"):
    """The process of an arena of this test with a word in its command line, or None."""
    for candidate in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = is_mark(candidate.environ().get("FLEET_STRESS_ARENA", ""), RUN, "hangs")
            if ours and word in candidate.cmdline():
                return candidate
    return None


def arena():
    return server("arena")


def mounted_anywhere():
    """Whether any process of this host still has a file system of this run in its view."""
    for path in Path("/proc").glob("[0-9]*/mountinfo"):
        with contextlib.suppress(OSError):
            if f"fleet-stress:{RUN}" in path.read_text():
                return True
    return False


def hangs_in_it():
    """Whether the bot waits for an answer of the file system."""
    for pid in bots_of(RUN):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/wchan").read_text() == "request_wait_answer":
                return True
    return False


def hanging(make_plan, within=600.0):
    steps = [FROZEN, start(9999), wait("exit", within=within)]
    plan = make_plan([scenario("hangs", steps, within=600.0)])
    return hand_over(plan)["run_dir"]


def nothing_is_left(run_dir):
    until(lambda: not bots_of(RUN), "the bots are gone")
    until(lambda: server() is None, "the file system's process is gone")
    until(lambda: not mounted_anywhere(), "nothing is mounted")
    until(lambda: open_records(Path(run_dir, "journal.jsonl")) == [], "all is undone")


def test_a_bot_that_hangs_in_it_is_ended_at_its_deadline(make_plan):
    run_dir = hanging(make_plan, within=3.0)
    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "failed"
    assert "it did not happen within 3 s" in entry["reasons"][0]
    nothing_is_left(run_dir)


def test_so_is_one_whose_file_system_does_not_answer_at_all(make_plan):
    run_dir = hanging(make_plan, within=6.0)
    until(hangs_in_it, "the bot hangs")
    assert tree.hold(lambda: [server()])
    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "error"
    assert "did not answer and was ended" in entry["reasons"][0]
    nothing_is_left(run_dir)


def test_the_death_of_the_file_system_is_our_error_and_ends_the_bot(make_plan):
    run_dir = hanging(make_plan)
    until(hangs_in_it, "the bot hangs")
    server().kill()
    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "error"
    assert "the process of the faulty file system died (death by SIGKILL)" in entry["reasons"][0]
    nothing_is_left(run_dir)


def test_a_bot_that_ends_because_its_file_system_has_died_is_not_to_blame(make_plan):
    calm = scenario("hangs", [fault("faulty_fs", rules=[]), start(9999, 0.05), wait("exit", within=600.0)])
    run_dir = hand_over(make_plan([calm]))["run_dir"]
    until(bots_of_run_have_cycled(run_dir), "the bot cycles")
    server().kill()
    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "error"
    assert "died (death by SIGKILL)" in entry["reasons"][0]
    nothing_is_left(run_dir)


def bots_of_run_have_cycled(run_dir):
    # Below what is mounted: the arena's folder as everybody else sees it.
    return Path(run_dir, "arenas/hangs/state/health.json").exists


@pytest.mark.parametrize("victim", ["arena", "supervisor", "all"])
def test_kill_9_while_a_bot_hangs_in_it_leaves_nothing(make_plan, stress_dir, victim):
    run_dir = hanging(make_plan)
    until(hangs_in_it, "the bot hangs")
    assert mounted_anywhere()
    ours, of_it = arena(), server()
    if victim == "arena":
        ours.kill()
        assert verdicts(result(run_dir)) == {"hangs": "error"}
    else:
        if victim == "all":
            ours.suspend()  # it must not see its supervisor die
        os.kill(supervisor(stress_dir), signal.SIGKILL)
        if victim == "all":
            of_it.kill()
            ours.kill()
        until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is gone")
        until(lambda: not ours.is_running(), "the arena is gone")
        assert recover(stress_dir)["failed"] == []
    nothing_is_left(run_dir)


MOMENTS = {
    "the record is on disk": lambda journal: '"kind": "unmount"' in journal.read_text(),
    "its process is there": lambda _: server() is not None,
    "it is mounted": lambda _: mounted_anywhere(),
    "the bot starts on it": lambda journal: '"what": "process"' in journal.read_text(),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_of_the_supervisor_while_it_is_being_mounted(make_plan, stress_dir, moment):
    run_dir = hanging(make_plan)
    until(lambda: MOMENTS[moment](Path(run_dir, "journal.jsonl")), moment)
    ours = arena()
    ours.suspend()
    os.kill(supervisor(stress_dir), signal.SIGKILL)
    ours.kill()
    until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is gone")
    assert recover(stress_dir)["failed"] == []
    nothing_is_left(run_dir)
