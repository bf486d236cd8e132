"""Every host has an entry for every scenario; a host that lies or breaks takes no other along."""

import json

import pytest
from tests.messages.codes import says
from fleet_controller.catalogue import schema
from fleet_controller.messages.errors import UserError
from fleet_controller.results.results import collect
from jsonschema import Draft202012Validator

FAILED = ("failed", "start 2 exited 1")


def valid(results):
    Draft202012Validator(schema.stored("results")).validate(json.loads(json.dumps(results)))
    return results


def test_all_is_well(run):
    run.begin("h1", "h2")
    run.comes_back("h1")
    run.comes_back("h2")
    results = valid(run.collect())
    assert results["verdict"] == "passed"
    assert results["counts"] == {"passed": 6, "known": 0, "failed": 0, "not_exercised": 0, "skipped": 0, "error": 0}
    assert results["hosts"]["h1"]["system"]["machine"] == "x86_64"


def test_the_worst_verdict_is_that_of_the_host_and_of_the_run(run):
    run.begin("h1", "h2")
    run.comes_back("h1", sigkill_restart=FAILED, corrupt_state=("not_exercised", "nothing was met"))
    run.comes_back("h2", corrupt_state=("skipped", "no such file (to enable it: name one)"))
    results = valid(run.collect())
    assert results["verdict"] == "failed"
    assert [host["verdict"] for host in results["hosts"].values()] == ["failed", "skipped"]


def test_evidence_is_named_from_the_folder_of_the_run(run):
    run.begin("h1")
    run.comes_back("h1")
    (run.folder / "hosts/h1/evidence/sigkill_restart").rmdir()
    baseline, _, sigkill = run.collect()["hosts"]["h1"]["scenarios"]
    assert baseline["evidence"] == "hosts/h1/evidence/baseline"
    assert sigkill["evidence"] is None, "what the host did not send is not promised"


def test_the_command_that_repeats_is_ours_and_not_the_hosts(run):
    run.begin("h1")
    run.comes_back("h1")
    assert run.collect()["hosts"]["h1"]["scenarios"][2]["repeat"] == (
        "ansible-playbook stress.yml -l h1 -e bot=reference -e bot_source=https://x.org/b.git"
        " -e bot_ref=v1 -e profile=smoke -e scenarios=sigkill_restart"
    )


def test_a_command_survives_the_shell_and_ansible(run):
    run.begin("h1", source={"kind": "controller", "source": "/srv/my bot's", "path": "/srv/my bot's"})
    command = run.collect(command=["ansible-playbook", "stress.yml", "-i", "my hosts.yml"])["hosts"]["h1"]
    assert command["scenarios"][0]["repeat"].startswith(
        "ansible-playbook stress.yml -i 'my hosts.yml' -l h1 -e bot=reference"
        """ -e '{"bot_source": "/srv/my bot'"'"'s"}' -e profile=smoke"""
    )


def test_a_host_that_could_not_be_reached(run):
    run.begin("h1", "h2", selectors=["row:1.3", "sigkill_restart"])
    run.comes_back("h1")
    results = valid(run.collect({"h2": "UNREACHABLE: no route\nto host"}))
    assert results["counts"]["error"] == 3
    lost = results["hosts"]["h2"]
    assert (lost["verdict"], lost["problem"]) == ("error", "UNREACHABLE: no route\nto host")
    assert lost["scenarios"][0]["reasons"] == ["not run: UNREACHABLE: no route to host"]
    assert lost["scenarios"][0]["repeat"].endswith("-e scenarios=row:1.3,sigkill_restart"), (
        "none of it was run"
    )
    assert results["hosts"]["h1"]["verdict"] == "passed"


def test_a_host_that_nobody_complains_of_and_that_brought_nothing(run):
    run.begin("h1")
    assert valid(run.collect())["hosts"]["h1"]["problem"] == "it brought no result"


def test_a_host_with_a_result_and_a_problem_keeps_its_verdicts(run):
    run.begin("h1")
    run.comes_back("h1")
    host = valid(run.collect({"h1": "it vanished during the clean-up"}))["hosts"]["h1"]
    assert host["verdict"] == "error"
    assert [scenario["verdict"] for scenario in host["scenarios"]] == ["passed"] * 3


def test_no_host_at_all_is_not_green(run):
    run.begin()
    assert valid(run.collect())["verdict"] == "error"


def test_what_is_left_behind_is_an_error_of_that_host(run):
    run.begin("h1", "h2")
    run.comes_back("h1", changes={"leftovers": [{"kind": "undo", "what": "mount /x is still there"}]})
    run.comes_back("h2")
    results = valid(run.collect(verify={"h2": ["process 4711 is ours and lives"], "h1": []}))
    assert [host["verdict"] for host in results["hosts"].values()] == ["error", "error"]
    assert results["counts"]["passed"] == 6, "the scenarios themselves keep their verdicts"


def test_a_run_that_was_stopped(run):
    run.begin("h1")
    stopped = {"by": "SIGTERM", "at": "2026-11-24T14:12:20+00:00"}
    reason = "not run: the run was stopped by SIGTERM"
    run.comes_back("h1", changes={"stopped": stopped}, sigkill_restart=("error", reason))
    host = valid(run.collect())["hosts"]["h1"]
    assert (host["verdict"], host["stopped"]) == ("error", stopped)


def test_a_scenario_that_the_result_does_not_speak_of_is_an_error(run):
    run.begin("h1")
    result = run.comes_back("h1")
    run.brings("h1", json.dumps({**result, "scenarios": result["scenarios"][:2]}))
    last = valid(run.collect())["hosts"]["h1"]["scenarios"][2]
    assert (last["verdict"], last["reasons"]) == ("error", ["the host's result does not speak of it"])


DAMAGES = {
    "no JSON": ("{", "it cannot be read: "),
    "empty": ("", "it cannot be read: "),
    "too deep": ("[" * 200_000, "it cannot be read: "),
    "not a number": ({"seconds": float("nan")}, "it cannot be read: NaN is no number"),
    "too large a number": ('{"seconds": 1e999}', "it cannot be read: 1e999 is too large a number"),
    "a list": ("[]", "at it as a whole: [] is not of type 'object'"),
    "an unknown verdict": ({"verdict": "green"}, "at it as a whole: "),
    "of another host": ({"host": "h2"}, "it speaks of host h2"),
    "no time": ({"started": "\x1b[31m"}, "at started: "),
    "scenarios are no list": ({"scenarios": {}}, "at scenarios: {} is not of type 'array'"),
}


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES)
def test_one_damaged_host_takes_no_other_along(run, damage, told):
    run.begin("h1", "h2")
    result = run.comes_back("h1")
    run.brings("h1", damage if isinstance(damage, str) else json.dumps({**result, **damage}))
    run.comes_back("h2", sigkill_restart=FAILED)
    hosts = valid(run.collect())["hosts"]
    assert hosts["h1"]["verdict"] == "error"
    assert hosts["h1"]["problem"].startswith(f"its result is damaged: {told}")
    assert "\x1b" not in hosts["h1"]["problem"]
    assert hosts["h2"]["verdict"] == "failed"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda item: {**item, "evidence": "evidence/../../h2"}, "at scenarios.0.evidence: "),
        (lambda item: {**item, "verdict": "green"}, "at scenarios.0.verdict: 'green' is not one of "),
        (lambda item: {**item, "more": 1}, "at scenarios.0: Additional properties are not allowed"),
        (lambda item: {**item, "scenario": "other"}, "it speaks of scenarios that nobody asked for: other"),
        (lambda item: {**item, "scenario": "sigkill_restart"}, "it speaks of the same scenario twice"),
    ],
)
def test_a_damaged_entry(run, change, told):
    run.begin("h1")
    result = run.comes_back("h1")
    first, *others = result["scenarios"]
    run.brings("h1", json.dumps({**result, "scenarios": [change(first), *others]}))
    assert run.collect()["hosts"]["h1"]["problem"].startswith(f"its result is damaged: {told}")


def test_rows_and_titles_are_those_of_the_catalogue(run):
    run.begin("h1")
    result = run.comes_back("h1")
    for scenario in result["scenarios"]:
        scenario.update(row="9.9", title="All is well")
    run.brings("h1", json.dumps(result))
    assert run.collect()["hosts"]["h1"]["scenarios"][2]["row"] == "3.3"


def test_texts_of_a_host_are_made_harmless(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=("failed", "\x1b[2J\x00\u202egnp.exe\udc80 naïve ✓\nsecond\tline"))
    reason = run.collect()["hosts"]["h1"]["scenarios"][2]["reasons"][0]
    assert reason == "\\x1b[2J\\x00\\u202egnp.exe\\udc80 naïve ✓\nsecond\tline"


def test_a_very_long_reason_is_cut(run):
    run.begin("h1")
    run.comes_back("h1", sigkill_restart=("failed", "a" * 1_000_000))
    reason = run.collect()["hosts"]["h1"]["scenarios"][2]["reasons"][0]
    assert reason == "a" * 4_000 + " … (996000 more characters)"


def test_a_run_without_a_record_is_told_as_such(tmp_path):
    with pytest.raises(UserError, match=says("record_damaged")):
        collect(tmp_path)
