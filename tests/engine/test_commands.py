"""The step `command`: a scenario's own means, in the arena, as the bot's user, ended with all of its children."""

import json
import os
from pathlib import Path

import psutil
import pytest

from fleet_stress.run.handover import Refused, hand_over

from .conftest import BASELINE, evidence, result, scenario, start, verdicts, wait

pytestmark = pytest.mark.slow


def command(*argv, within=60.0, exit_code=0):
    return {"verb": "command", "args": {"argv": list(argv), "within": within, "exit_code": exit_code}}


def with_command(*steps):
    return scenario("own", [start(3), *steps, wait("exit")])


def run(make_plan, *scenarios, allowed=True):
    plan = {**make_plan([BASELINE, *scenarios]), "allow_commands": allowed}
    run_dir = Path(hand_over(plan)["run_dir"])
    return run_dir, result(run_dir)


def test_it_runs_as_the_bots_user_in_the_bots_folder_and_environment(make_plan):
    tell = "import json, os; print(json.dumps([os.getuid(), os.getcwd(), dict(os.environ)]))"
    python = make_plan([])["bot"]["python"]

    run_dir, document = run(make_plan, with_command(command(python, "-c", tell, "${state_dir}")))

    assert verdicts(document)["own"] == "passed"
    entry = evidence(run_dir, "own")["commands"][0]
    uid, folder, environment = json.loads((run_dir / "evidence/own" / entry["output"]).read_text())
    assert entry["exit"] == {"code": 0, "signal": None}
    assert entry["argv"][-1] == str(run_dir / "arenas/own/state")
    assert folder == str(run_dir / "arenas/own/bot")
    assert environment["HOME"] == str(run_dir / "arenas/own/home")
    assert environment["STATE_DIR"] == str(run_dir / "arenas/own/state")
    assert os.geteuid() != 0 or uid != 0


def test_another_exit_code_is_an_error_of_the_scenario_and_not_the_bots_fault(make_plan):
    wrong = scenario("wrong", [start(3), command("sh", "-c", "echo no; exit 3"), wait("exit")])
    right = scenario("right", [start(3), command("sh", "-c", "exit 3", exit_code=3), wait("exit")])
    missing = scenario("missing", [start(3), command("/no/such/program"), wait("exit")])

    run_dir, document = run(make_plan, wrong, right, missing)

    found = {entry["scenario"]: entry for entry in document["scenarios"]}
    assert verdicts(document) == {
        "baseline": "passed",
        "wrong": "error",
        "right": "passed",
        "missing": "error",
    }
    assert (
        "command-01 (sh -c echo no; exit 3) ended with exit code 3, where exit code 0 was expected"
        in found["wrong"]["reasons"][0]
    )
    assert (run_dir / "evidence/wrong/command-01.out").read_text() == "no\n"
    assert "cannot be started" in found["missing"]["reasons"][0]


def test_at_its_deadline_it_ends_with_all_of_its_children(make_plan):
    # One child stays, one has a session of its own, one has no parent any more and an environment of its own.
    script = "sleep 600 & setsid sleep 601 & (env -i setsid sleep 602 &) ; sleep 603"
    slow = scenario("slow", [command("sh", "-c", script, within=3.0), start(1), wait("exit")])

    run_dir, document = run(make_plan, slow)

    assert verdicts(document)["slow"] == "error"
    assert evidence(run_dir, "slow")["commands"][0]["ended"] == "deadline"
    assert "did not end within 3 s" in document["scenarios"][1]["reasons"][0]
    sleeps = [["sleep", str(number)] for number in (600, 601, 602, 603)]
    assert [line for line in command_lines() if line in sleeps] == []


def test_children_that_outlive_it_are_ended_and_counted_and_the_bot_is_not(make_plan):
    leaves = with_command(command("sh", "-c", "sleep 604 & setsid sleep 605 & exit 0"))

    run_dir, document = run(make_plan, leaves)

    assert verdicts(document)["own"] == "passed"
    entry = evidence(run_dir, "own")
    assert entry["commands"][0]["left"] == 2
    assert entry["starts"][0]["exit"]["by"] == "itself"
    assert entry["starts"][0]["left"] == []
    assert [line for line in command_lines() if line in (["sleep", "604"], ["sleep", "605"])] == []


def test_it_may_say_without_end_and_only_the_beginning_is_kept(make_plan):
    endless = scenario("endless", [command("yes", within=3.0), start(1), wait("exit")])

    run_dir, document = run(make_plan, endless)

    assert verdicts(document)["endless"] == "error"
    entry = evidence(run_dir, "endless")["commands"][0]
    assert (run_dir / "evidence/endless/command-01.out").stat().st_size == 1_000_000
    assert entry["output_bytes"] > 1_000_000


def test_a_host_refuses_a_plan_with_a_command_that_does_not_say_that_it_is_allowed(make_plan, stress_dir):
    repeated = {"verb": "repeat", "args": {"times": 1, "steps": [command("id")]}}
    plan = make_plan([BASELINE, scenario("own", [repeated])])

    for allowed in ({}, {"allow_commands": False}, {"allow_commands": "false"}, {"allow_commands": 1}):
        with pytest.raises(Refused, match=r"scenario own runs a command \(id\).*allow_commands"):
            hand_over({**plan, **allowed})
    assert not (stress_dir / "runs").exists()


def command_lines():
    found = []
    for process in psutil.process_iter():
        try:
            found.append(process.cmdline())
        except psutil.Error:
            continue
    return found
