"""The same messages in real plays: told once, before a host is touched, with an exit code, and never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.messages.catalogue import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def play(tmp_path):
    """Runs a playbook; returns its exit code and what a person sees."""

    def run(*options, playbook="stress.yml", cwd=ROOT):
        command = [Path(sys.executable).with_name("ansible-playbook"), ROOT / playbook, *options]
        ran = subprocess.run(
            [*command, "-e", f"stress_results_dir={tmp_path}/results"],
            cwd=cwd,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not (tmp_path / "results").exists(), "nothing was begun"
        assert "Traceback" not in ran.stdout + ran.stderr
        return ran.returncode, ran.stdout + ran.stderr

    return run


#: Wrong variables, all of which are told at once.
SEVERAL = ["-e", "scenario=x stress_serial=abc bot= stress_lease=-1", "-e", '{"stress_become": "perhaps"}']


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            SEVERAL,
            [
                "5 problems:",
                "did you mean `scenarios`?",
                "`stress_lease` is `-1`",
                "it has to be true or false",
            ],
        ),
        (["-e", "fail_on=[]"], ["unknown verdict `[]`"]),
        (["-e", "slice=9/2"], ["`9/2` is no slice"]),
        (
            ["--tags", "prvision", "--skip-tags", "verfy"],
            ["did you mean `provision`?", "did you mean `verify`?"],
        ),
        (["--start-at-task", "Report"], ["--start-at-task cannot be used here"]),
    ],
)
def test_a_mistake_on_the_command_line(play, options, told):
    code, said = play(*options)

    assert code != 0
    assert [text for text in told if text not in said] == []
    assert "Nothing was begun, and no host was touched." in said
    assert "Error processing" not in said, "Ansible's own words around ours"


def test_a_tag_that_would_let_nothing_run_is_no_success(play):
    code, said = play("--tags", "run", playbook="playbooks/status.yml")

    assert code != 0
    assert "unknown tag `run`" in said


def test_a_hosts_own_line_is_checked_before_it_is_touched(play, tmp_path):
    inventory = tmp_path / "hosts.yml"
    line = "{ansible_connection: local, stress_allowed: true, stress_bots_at_once: many}"
    inventory.write_text(f"all: {{hosts: {{h1: {line}}}}}\n", encoding="utf-8")

    code, said = play("-i", str(inventory), playbook="playbooks/status.yml")

    assert code != 0
    assert "`stress_bots_at_once` is `many`" in said
    assert "where: stress_bots_at_once, in the inventory" in said


def test_a_clean_up_that_could_not_be_done_fails(play):
    code, said = play("--tags", "cleanup", "-e", "purge=true", "-e", "stress_python=/no/such/python")

    assert code != 0
    assert "stress_python cannot be used" in said


def test_a_name_that_the_inventory_knows_may_be_given(play, tmp_path):
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {h1: {scenario: mine}}}\n", encoding="utf-8")

    _, said = play("-i", str(inventory), "-e", "scenario=other", "-e", "profile=smok")

    assert "unknown variable" not in said
    assert "did you mean `smoke`?" in said
