"""``fleet-stress``: which playbook a command is, and with what."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from fleet_controller.catalogue.project import ROOT
from fleet_controller.command import main as command
from fleet_controller.command import playbooks
from fleet_controller.command.validate import validate

import fleet_stress


@pytest.fixture
def becomes(monkeypatch):
    """The command line that a command becomes, without the program."""

    def run(*typed):
        became = []
        monkeypatch.setattr(playbooks, "become", lambda words: became.extend(words))
        assert command.main(typed) == 0
        return became[1:]

    return run


def variables(words):
    found = {}
    for option, value in itertools.pairwise(words):
        if option == "-e" and not value.startswith("@"):
            found |= json.loads(value)
    return found


def test_run_is_the_main_playbook_with_what_was_asked_for(becomes):
    words = becomes("run", "-b", "reference", "-l", "linux", "--check", "sigterm", "row:1.3")
    assert words[0] == "stress.yml" and "--check" in words
    assert words[words.index("-l") + 1] == "linux"
    assert variables(words) == {"bot": "reference", "scenarios": "sigterm,row:1.3"}


def test_what_was_not_asked_for_is_left_to_the_playbook(becomes):
    assert variables(becomes("run")) == {}


@pytest.mark.parametrize(
    ("typed", "playbook", "given"),
    [
        (["list", "faults", "checks"], "playbooks/list.yml", {"list": "faults,checks"}),
        (["status"], "playbooks/status.yml", {}),
        (["results"], "playbooks/results.yml", {}),
        (
            ["accept", "20261124-141200-ab12cd"],
            "playbooks/accept.yml",
            {"accept_run": "20261124-141200-ab12cd"},
        ),
        (["recover", "--force"], "playbooks/recover.yml", {"recover": "force"}),
        (
            ["halt", "--reason", "the exchange is down"],
            "playbooks/halt.yml",
            {"reason": "the exchange is down"},
        ),
        (["halt", "--release"], "playbooks/halt.yml", {"release": True}),
    ],
)
def test_each_command_is_a_playbook(becomes, typed, playbook, given):
    words = becomes(*typed)
    assert words[0] == playbook and variables(words) == given
    assert (ROOT / playbook).is_file()


def test_a_path_counts_from_where_it_was_typed(becomes, tmp_path, monkeypatch):
    (tmp_path / "mine.yml").touch()
    (tmp_path / "bot").mkdir()
    monkeypatch.chdir(tmp_path)
    words = becomes("run", "-b", "mine.yml", "-s", "bot", "-i", "mine.yml")
    assert variables(words) == {"bot": str(tmp_path / "mine.yml"), "bot_source": str(tmp_path / "bot")}
    assert words[words.index("-i") + 1] == str(tmp_path / "mine.yml")
    assert variables(becomes("run", "-s", "git@host:bot.git")) == {"bot_source": "git@host:bot.git"}


def test_other_variables_and_what_follows_two_dashes_are_passed_on(becomes):
    words = becomes("run", "-e", "stress_dir=/srv/x", "--", "-vv", "-K")
    assert variables(words) == {"stress_dir": "/srv/x"} and words[-2:] == ["-vv", "-K"]


def test_variables_may_come_from_a_file(becomes, tmp_path, monkeypatch):
    (tmp_path / "secrets.yml").touch()
    monkeypatch.chdir(tmp_path)
    assert becomes("run", "-e", "@secrets.yml")[-2:] == ["-e", f"@{tmp_path}/secrets.yml"]


def test_a_halt_and_its_release_are_not_asked_for_together(becomes, capsys):
    with pytest.raises(SystemExit):
        becomes("halt", "--release", "--reason", "x")
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "word"),
    [("fleet-stress run --bot refer", "reference_sqlite"), ("fleet-stress run sigt", "sigterm_asleep")],
)
def test_a_shell_completes_bots_and_scenarios(line, word, tmp_path):
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(tmp_path / "answers"),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
    }
    argv = [sys.executable, "-m", "fleet_controller.command.main"]
    subprocess.run(argv, env={**os.environ, **asked}, check=False, timeout=60)
    assert word in (tmp_path / "answers").read_text().split("\n")


def test_the_controller_has_the_engines_version():
    about = tomllib.loads((ROOT / "plugins/pyproject.toml").read_text())["project"]
    assert about["version"] == fleet_stress.__version__
    assert about["scripts"] == {"fleet-stress": "fleet_controller.command.main:main"}


def test_valid_files_are_told_in_a_line_each(capsys):
    assert validate(["reference", str(ROOT / "scenarios/sigterm.yml")]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("reference: a valid bot profile; ") and second.endswith(": a valid scenario")


def test_known_findings_are_checked_with_their_profile(capsys, tmp_path):
    shutil.copy(ROOT / "bots/reference.yml", tmp_path)
    known = tmp_path / "reference.known.yml"
    known.write_text('known: [{check: exit_cod, subject: x, rows: ["3.1"], reason: old}]\n')
    assert validate([str(known)]) == 1
    assert "did you mean `exit_code`?" in capsys.readouterr().err


def test_what_is_invalid_does_not_hide_what_is_valid(capsys, tmp_path):
    scenario = Path(tmp_path, "mine.yml")
    scenario.write_text('id: mine\nrow: "9.1"\ntitle: Mine\nsteps:\n  - sgnal: TERM\n')
    assert validate([str(scenario), str(ROOT / "scenarios/sigint.yml")]) == 1
    said = capsys.readouterr()
    assert "did you mean `signal`?" in said.err and "sigint.yml: a valid" in said.out


def test_it_is_found_by_a_link_and_works_from_any_folder(tmp_path):
    """In a checkout whose environment stands; tests/unit/test_setup.py is about how it is made."""
    checkout = tmp_path / "it's a checkout"
    (checkout / "requirements").mkdir(parents=True)
    (checkout / ".venv/bin").mkdir(parents=True)
    for name, text in (
        ("requirements/setup.sh", 'echo "set up $1"'),
        (".venv/bin/fleet-stress", 'echo "$@"'),
    ):
        (checkout / name).write_text(f"#!/bin/sh\n{text}\n")
        (checkout / name).chmod(0o755)
    shutil.copy(ROOT / "fleet-stress", checkout)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/direct").symlink_to(checkout / "fleet-stress")
    (tmp_path / "bin/link").symlink_to("direct")
    done = subprocess.run(
        [tmp_path / "bin/link", "run", "two words"], cwd="/", capture_output=True, text=True
    )
    assert done.stdout == "set up controller\nrun two words\n", done.stderr


def test_a_file_that_cannot_be_written_is_told_without_a_traceback(monkeypatch, capsys):
    def cannot(_options):
        raise PermissionError(13, "Permission denied", "/etc/mine.yml")

    monkeypatch.setitem(command._ACTIONS, "status", cannot)
    assert command.main(["status"]) == 2
    assert capsys.readouterr().err == "/etc/mine.yml: Permission denied\n"
