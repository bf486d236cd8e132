"""The GitHub action, the GitLab template, the pre-commit hook and AWX's survey: their steps are run with a double."""

import json
import os
import re
import subprocess

import pytest
import yaml
from fleet_controller.catalogue.project import ROOT, Project
from fleet_controller.command import main as command
from fleet_controller.hosts.variables import documented

import fleet_stress

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
JOB = yaml.safe_load((ROOT / "templates/fleet-stress.gitlab-ci.yml").read_text())[".fleet-stress"]
VERSIONED = ["action.yml", "templates/fleet-stress.gitlab-ci.yml", ".pre-commit-hooks.yaml", "docs/ci.md"]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.fixture
def double(tmp_path):
    """A ``fleet-stress`` that writes down what it is given, word by word."""
    program = tmp_path / "fleet-stress"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >"$(dirname "$0")/given"\nexit "${CODE:-0}"\n')
    program.chmod(0o755)
    return program


def given(double):
    return (double.parent / "given").read_text().splitlines()


def step(name):
    (found,) = [item for item in ACTION["runs"]["steps"] if item.get("name") == name]
    return found


def bash(script, folder, **environment):
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        env={"PATH": os.environ["PATH"], "GITHUB_ACTION_PATH": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode


INPUTS = {
    "BOT": "my bot.yml",
    "SOURCE": ".",
    "PROFILE": "smoke",
    "ARGUMENTS": "",
    "SCENARIOS": "",
    "RESULTS": "/r",
}


def test_the_action_runs_the_command_and_has_its_exit_code(double):
    script = step("Stress the bot")["run"]
    code = bash(
        script, double.parent, CODE="2", **{**INPUTS, "SCENARIOS": "sigterm row:1.3", "ARGUMENTS": "-l web"}
    )
    assert code == 2
    assert given(double) == [
        *("run", "--bot", "my bot.yml", "--source", ".", "--profile", "smoke"),
        *("-e", "stress_results_dir=/r", "-l", "web", "sigterm", "row:1.3"),
    ]
    assert command.parser().parse_args(given(double)).scenarios == ["sigterm", "row:1.3"]


def test_an_input_of_the_action_is_no_part_of_a_script(double):
    assert not re.search(r"\$\{\{", step("Stress the bot")["run"] + step("Show what survived")["run"])
    assert (
        bash(
            step("Stress the bot")["run"],
            double.parent,
            **{**INPUTS, "SCENARIOS": "$(touch bad) `touch bad`"},
        )
        == 0
    )
    assert not (double.parent / "bad").exists()


def test_the_action_shows_what_there_is(double):
    latest = double.parent / "results/latest"
    latest.mkdir(parents=True)
    script, where = step("Show what survived")["run"], {"RESULTS": str(latest.parent)}
    assert bash(script, double.parent, GITHUB_STEP_SUMMARY=str(double.parent / "shown"), **where) == 0
    assert not (double.parent / "shown").exists()

    (latest / "results.json").touch()
    (latest / "summary.md").write_text("all passed")
    assert bash(script, double.parent, GITHUB_STEP_SUMMARY=str(double.parent / "shown"), **where) == 0
    assert (double.parent / "shown").read_text() == "all passed"
    assert given(double) == ["annotations", str(latest)]


def test_every_input_of_the_action_is_used():
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])


def test_the_gitlab_job_runs_the_command(double):
    (script,) = JOB["script"]
    variables = {**JOB["variables"], "STRESS_BOT": "my.yml", "STRESS_SCENARIOS": "sigterm sigint"}
    script = script.replace("/opt/fleet-stress/fleet-stress", str(double))
    assert bash(script, double.parent, CI_PROJECT_DIR="/p", **variables) == 0
    options = command.parser().parse_args(given(double))
    assert (options.bot, options.scenarios, options.profile) == ("my.yml", ["sigterm", "sigint"], "smoke")
    assert options.extra == ["stress_results_dir=/p/fleet-stress-results"]


def test_the_hook_checks_profiles_and_scenarios_by_this_checkout():
    program, word = HOOK["entry"].split()
    assert os.access(ROOT / program, os.X_OK) and word == "validate"
    assert re.search(HOOK["files"], "bots/mine.yml") and re.search(
        HOOK["files"], "stress/scenarios/mine.yaml"
    )
    assert not re.search(HOOK["files"], "bots/readme.md")


@pytest.mark.parametrize("file", VERSIONED)
def test_they_name_this_version(file):
    assert set(re.findall(r"v\d+\.\d+\.\d+", (ROOT / file).read_text())) == {f"v{fleet_stress.__version__}"}


def test_the_survey_asks_for_variables_and_profiles_that_there_are():
    (text,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs/awx.md").read_text(), re.DOTALL)
    spec = json.loads(text)["spec"]
    assert {item["variable"] for item in spec} <= set(documented())
    (choices,) = [item["choices"] for item in spec if item["variable"] == "profile"]
    assert set(choices) == set(Project().files("profiles"))
    assert all(item["default"] for item in spec), "an empty variable is refused"
