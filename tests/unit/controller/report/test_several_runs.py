"""playbooks/report.yml -e merge= and playbooks/compare.yml -e old_run= in a real play: nobody is connected to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fleet_controller.report.report import write
from fleet_controller.runs.run_folder import close_run

from tests.unit.controller.finished_run import Run

ROOT = Path(__file__).resolve().parents[4]
FAILED = ("failed", "start 2 exited 1")
pytestmark = pytest.mark.slow
#: Ansible's own callback says how much was changed.
RECAP = {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}


@pytest.fixture
def play(tmp_path):
    """Runs a playbook with an inventory of hosts that do not exist; returns exit code and what was shown."""

    def play(playbook, *options, inventory="h9.invalid,", **variables):
        extras = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
        command = Path(sys.executable).with_name("ansible-playbook")
        results = f"stress_results_dir={tmp_path / 'here'}"
        ran = subprocess.run(
            [command, "-i", inventory, "-e", results, *extras, *options, f"playbooks/{playbook}.yml"],
            cwd=ROOT,
            env={**os.environ, **RECAP, "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8", "COLUMNS": "140"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return ran.returncode, ran.stdout + ran.stderr

    return play


def finished(folder, *hosts, **verdicts):
    run = Run(folder)
    run.begin(*hosts)
    for name in hosts:
        run.comes_back(name, **verdicts)
    write(run.folder, run.collect())
    close_run(run.results_dir, run.run_id)
    return run


@pytest.mark.parametrize("inventory", ["h9.invalid,", "/dev/null"])
def test_a_merge_needs_no_host_of_this_inventory(play, tmp_path, inventory):
    finished(tmp_path / "a", "h1")
    finished(tmp_path / "b", "h2")
    words = f"{tmp_path}/a,{tmp_path}/b"

    code, shown = play("report", merge=words, inventory=inventory)
    assert (code, "6 passed on 2 hosts" in shown, "changed=1" in shown) == (0, True, True), shown


def test_check_merges_nothing_and_a_merge_of_what_is_merged_changes_nothing(play, tmp_path):
    finished(tmp_path / "a", "h1")
    finished(tmp_path / "b", "h2")
    words = f"{tmp_path}/a,{tmp_path}/b"
    code, shown = play("report", "--check", merge=words)
    assert (code, "can become one run" in shown, (tmp_path / "here").exists()) == (0, True, False), shown
    assert play("report", merge=words)[0] == 0

    code, shown = play("report", merge=words)
    assert (code, "6 passed on 2 hosts" in shown, "changed=0" in shown) == (0, True, True), shown


def test_a_merge_fails_as_a_report_does(play, tmp_path):
    finished(tmp_path / "a", "h1")
    finished(tmp_path / "b", "h2", sigkill_restart=FAILED)
    words = f"{tmp_path}/a,{tmp_path}/b"

    code, shown = play("report", merge=words)
    assert (code, "FAILED: 1 failed; see " in shown) == (2, True), shown
    assert play("report", merge=words, fail_on="error")[0] == 0


def test_what_cannot_be_merged_says_why(play, tmp_path):
    finished(tmp_path / "a", "h1")

    code, shown = play("report", merge=f"{tmp_path}/a,{tmp_path}/a")

    assert code == 2
    assert "Nothing was merged." in shown
    assert "host h1 is in two runs" in shown
    assert not list(tmp_path.glob("here/*/run.json"))


def test_two_runs_that_there_are_are_compared_and_no_host_is_asked(play, tmp_path):
    old = finished(tmp_path / "here", "h1", corrupt_state=FAILED)
    new = finished(tmp_path / "here", "h1", sigkill_restart=FAILED)

    code, shown = play("compare", old_run=old.run_id, new_run=new.run_id)
    assert (code, "1 row got worse" in shown, "UNREACHABLE" in shown) == (2, True, False), shown
    assert "1 worse, 1 better, 1 stayed on 1 host" in shown
    assert (new.folder / "compare.json").is_file()

    better = finished(tmp_path / "here", "h1")
    code, shown = play("compare", old_run=new.run_id, new_run=better.run_id)
    assert (code, "1 better, 2 stayed on 1 host" in shown) == (0, True), shown


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "`old` is missing"),
        ({"old": "/no/such/bot", "new": "reference_bot"}, "the bot's folder /no/such/bot cannot be used"),
        ({"old": "reference_bot", "new": "docs", "scenarios": "sigtrem"}, "did you mean `sigterm`?"),
        (
            {"old_run": "20260101-000000-abcdef", "new_run": "latest"},
            "there is no run `20260101-000000-abcdef`",
        ),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_before_a_host_is_asked(play, tmp_path, variables, told):
    code, shown = play("compare", **variables)

    assert code == 2
    assert told in shown
    assert "UNREACHABLE" not in shown
    assert not (tmp_path / "here").exists()
