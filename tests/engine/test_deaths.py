"""Whoever of ours dies, and whenever: nothing is left, nothing runs twice, and the verdicts are true."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from fleet_stress.recovery import host_lock, watchdog
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.store.layout import MARKER, RunFolder

from .conftest import (
    BASELINE,
    FOREVER,
    RUN,
    arena_of,
    bots_of,
    evidence,
    is_mark,
    result,
    scenario,
    send,
    start,
    times_started,
    until,
    verdicts,
    wait,
)

QUICK = scenario("quick", [start(3), wait("exit")])


def supervisor(stress_dir):
    return host_lock.holder(stress_dir)["pid"]


def bot_of(run_id, name):
    def marked(pid):
        try:
            return is_mark(psutil.Process(pid).environ()["FLEET_STRESS_RUN"], run_id, name)
        except (psutil.Error, KeyError):
            return False

    return [pid for pid in bots_of(run_id) if marked(pid)]


def test_the_same_plan_again_attaches_and_runs_nothing_twice(make_plan, stress_dir):
    plan = make_plan([BASELINE, QUICK])
    first = hand_over(plan)
    second = hand_over(plan)

    assert (first["attached"], second["attached"]) == (False, True)
    assert first["run_dir"] == second["run_dir"]
    result(first["run_dir"])
    third = hand_over(plan)  # ended, and nobody has fetched it yet
    assert (third["attached"], third["started"]) == (True, False)
    assert times_started(first["run_dir"], "quick") == 1


def test_sigterm_to_the_supervisor_ends_the_bots_and_leaves_a_result_that_says_so(make_plan, stress_dir):
    late = scenario("late", [start(3), wait("exit")], exclusive=True)
    run_dir = hand_over(make_plan([BASELINE, FOREVER, late]))["run_dir"]
    until(lambda: bot_of(RUN, "forever"), "the endless bot runs")
    os.kill(supervisor(stress_dir), signal.SIGTERM)

    found = result(run_dir)

    assert found["stopped"]["by"] == "SIGTERM"
    assert verdicts(found) == {"baseline": "passed", "forever": "error", "late": "error"}
    assert bots_of(RUN) == []
    assert open_records(Path(run_dir, "journal.jsonl")) == []


def test_a_soak_that_was_killed_goes_on_with_its_samples(make_plan, stress_dir):
    sample = {"verb": "sample", "args": {"every": 0.1, "resumes": True}}
    steps = [sample, start(9999), wait("first_cycle", then=4.0), send("TERM")]
    expect = [{"check": "exit_code", "args": {"is": "terminated", "start": "all"}}]
    plan = make_plan([scenario("soak", steps, expect=expect)])
    run_dir = hand_over(plan)["run_dir"]
    lines = Path(run_dir, "evidence/soak/samples.jsonl")
    until(lambda: lines.exists() and lines.read_bytes().count(b"\n") > 15, "it is sampled")
    os.kill(supervisor(stress_dir), signal.SIGKILL)
    until(lambda: arena_of(RUN, "soak") is None, "the arena follows the supervisor")
    before = lines.read_bytes()

    hand_over(plan)

    assert verdicts(result(run_dir)) == {"soak": "passed"}
    assert lines.read_bytes().startswith(before)
    seen = evidence(run_dir, "soak")
    assert [each["n"] for each in seen["starts"]] == [2]
    assert seen["taken_up"]["starts"] == 1
    waited = next(step for step in seen["steps"] if step["verb"] == "wait")
    assert "interrupted, and taken up again" in seen["notes"][-1] and waited["outcome"] == "done"


def test_kill_9_of_the_supervisor_leaves_nothing_and_the_same_plan_resumes(make_plan, stress_dir):
    plan = make_plan([BASELINE, QUICK, FOREVER])
    run_dir = hand_over(plan)["run_dir"]
    until(lambda: bot_of(RUN, "forever"), "the endless bot runs")
    until(lambda: Path(run_dir, "verdicts/quick.json").exists(), "the quick one is judged")
    os.kill(supervisor(stress_dir), signal.SIGKILL)

    until(lambda: not bots_of(RUN), "the bots follow the supervisor")
    until(lambda: arena_of(RUN, "forever") is None, "so does the arena")
    assert open_records(Path(run_dir, "journal.jsonl")) == []

    again = hand_over(plan)
    assert (again["attached"], again["started"]) == (True, True)
    until(lambda: bot_of(RUN, "forever"), "the endless bot runs again")
    assert times_started(run_dir, "baseline") == times_started(run_dir, "quick") == 1
    os.kill(supervisor(stress_dir), signal.SIGTERM)
    assert verdicts(result(run_dir)) == {"baseline": "passed", "quick": "passed", "forever": "error"}


def test_kill_9_of_an_arena_is_our_error_and_the_others_go_on(make_plan, stress_dir):
    run_dir = hand_over(make_plan([BASELINE, QUICK, FOREVER]))["run_dir"]
    until(lambda: bot_of(RUN, "forever"), "the endless bot runs")
    arena_of(RUN, "forever").kill()

    found = result(run_dir)

    assert verdicts(found) == {"baseline": "passed", "quick": "passed", "forever": "error"}
    assert bots_of(RUN) == []
    assert not Path(run_dir, "arenas/forever/bot").exists()
    assert open_records(Path(run_dir, "journal.jsonl")) == []


def test_kill_9_of_all_of_ours_at_once_is_undone_by_recover(make_plan, stress_dir):
    run_dir = hand_over(make_plan([FOREVER]))["run_dir"]
    until(lambda: bot_of(RUN, "forever"), "the endless bot runs")
    arena = arena_of(RUN, "forever")
    arena.suspend()  # it must not see its supervisor die
    watching = watchdog.pid(RunFolder(Path(run_dir)))
    os.kill(supervisor(stress_dir), signal.SIGKILL)
    os.kill(watching, signal.SIGKILL)
    arena.kill()
    until(lambda: arena_of(RUN, "forever") is None, "the arena is gone")
    until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is gone")

    looked = recover(stress_dir, look_only=True)
    assert looked["changed"]
    assert open_records(Path(run_dir, "journal.jsonl"))
    report = recover(stress_dir)

    assert report["changed"]
    assert report["failed"] == []
    assert bots_of(RUN) == []
    assert not Path(run_dir, "arenas/forever/bot").exists()
    assert recover(stress_dir)["changed"] is False


def test_recover_leaves_a_living_run_alone(make_plan, stress_dir):
    hand_over(make_plan([FOREVER]))
    until(lambda: bot_of(RUN, "forever"), "the endless bot runs")
    bots = bot_of(RUN, "forever")

    report = recover(stress_dir)

    assert report["changed"] is False
    assert report["alive"]["run_id"] == RUN
    assert bot_of(RUN, "forever") == bots


@pytest.mark.parametrize("moment", range(6))
def test_kill_9_at_any_moment_of_a_short_run(make_plan, stress_dir, moment):
    """The supervisor dies after so many lines of the journal; the same plan ends in the right verdicts."""
    plan = make_plan([BASELINE, QUICK])
    run_dir = Path(hand_over(plan)["run_dir"])
    lines = 6 + 16 * moment
    journal = run_dir / "journal.jsonl"
    until(
        lambda: journal.read_text().count("\n") >= lines or host_lock.holder(stress_dir) is None,
        "the journal grows",
    )
    holder = host_lock.holder(stress_dir)
    if holder:
        os.kill(holder["pid"], signal.SIGKILL)
        until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is dead")

    hand_over(plan)
    found = result(run_dir)

    assert verdicts(found) == {"baseline": "passed", "quick": "passed"}
    assert open_records(journal) == []
    assert bots_of(RUN) == []


def test_the_same_run_in_another_folder_of_this_machine_is_somebody_elses(make_plan, stress_dir):
    """Two names of an inventory may be one machine: they share a run id, and nothing else."""
    hand_over(make_plan([FOREVER]))
    until(lambda: bot_of(RUN, "forever"), "the endless bot runs")
    bots = bot_of(RUN, "forever")
    other = stress_dir / "other"
    other.mkdir()
    (other / MARKER).write_text("{}")

    second = hand_over({**make_plan([BASELINE, QUICK]), "stress_dir": str(other)})
    found = result(second["run_dir"])

    assert verdicts(found) == {"baseline": "passed", "quick": "passed"}
    assert recover(other)["changed"] is False
    assert bot_of(RUN, "forever") == bots
    until(lambda: watchdog.pid(RunFolder(Path(second["run_dir"]))) is None, "its watchdog ends")
