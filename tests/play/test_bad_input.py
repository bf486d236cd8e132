"""Whatever is wrong is said once, with what, where and what to do; other hosts go on; nothing is deleted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import bot

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

HEALTHY = """
import json, os, time
for cycle in range(1, int(os.environ["MAX_CYCLES"]) + 1):
    path = os.environ["STATE_DIR"] + "/health.json"
    with open(path + ".new", "w") as stream:
        json.dump({"cycles": cycle}, stream)
    os.replace(path + ".new", path)
    time.sleep(float(os.environ["SCAN_INTERVAL_SECONDS"]))
"""


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"bot_source": "/no/such/bot"}, "the bot's folder /no/such/bot cannot be used"),
        ({"scenarios": "sigtrem"}, "did you mean `sigterm`?"),
    ],
)
def test_what_no_host_could_do_stops_before_any_is_touched(fresh_play, variables, told):
    code, said = fresh_play.run(**variables)

    assert code != 0
    assert told in said
    assert list(fresh_play.places.iterdir()) == []
    assert "Traceback" not in said


ODD = {
    "no_python": ({"stress_python": "/no/such/python"}, "stress_python cannot be used"),
    "no_disk": ({"stress_disk_floor_mb": 10**9}, "not enough disk"),
    "forbidden": ({"stress_allowed": False}, "is not to be stressed"),
    "system": ({"stress_dir": "/etc/fleet-stress"}, "belongs to the system"),
    "away": (
        {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9},
        "could not be reached",
    ),
    "foreign": ({}, "that folder is not ours"),
    "in_use": ({}, "a living process uses"),
}


def test_hosts_that_cannot_be_used_say_why_are_left_as_they_are_and_the_others_go_on(play):
    for name, (variables, _) in ODD.items():
        play.host(name, **variables)
    theirs = play.places / "foreign/precious.txt"
    theirs.parent.mkdir()
    theirs.write_text("keep me")
    living = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        env={**os.environ, "STATE_DIR": str(play.places / "in_use/state")},
    )
    try:
        code, said = play.run(scenarios="baseline")
    finally:
        living.communicate()

    assert code != 0
    assert play.verdicts("here") == {"baseline": "passed"}
    for name, (_, told) in ODD.items():
        assert told in play.document["hosts"][name]["problem"]
        assert play.verdicts(name) == {"baseline": "error"}
    assert f"process {living.pid}" in play.document["hosts"]["in_use"]["problem"]
    assert theirs.read_text() == "keep me"
    assert sorted(path.name for path in play.places.iterdir()) == ["foreign", "here"]
    assert "Traceback" not in said
    theirs.unlink()
    theirs.parent.rmdir()


def test_a_bot_that_exits_at_once_is_told_so_by_its_baseline_and_only_there(play, tmp_path):
    code, _ = play.run(**{**bot(tmp_path, "raise SystemExit('no key')"), "scenarios": "sigterm,sigint"})

    assert code != 0
    assert play.verdicts() == {"baseline": "failed", "sigterm": "not_exercised", "sigint": "not_exercised"}
    reasons = {
        scenario["scenario"]: scenario["reasons"] for scenario in play.document["hosts"]["here"]["scenarios"]
    }
    assert "no key" in reasons["baseline"][0]
    assert reasons["sigterm"][0].startswith("not run, because baseline: ")


def test_an_argv_that_does_not_exist_is_refused_before_a_host_is_touched(fresh_play, tmp_path):
    code, said = fresh_play.run(**bot(tmp_path, HEALTHY, argv=["${python}", "mian.py"]))

    assert code != 0
    assert "mian.py" in said
    assert list(fresh_play.places.iterdir()) == []


def test_a_program_that_the_host_does_not_have_is_an_error_of_that_host(play, tmp_path):
    code, _ = play.run(**bot(tmp_path, HEALTHY, argv=["no-such-program", "main.py"]))

    assert code != 0
    assert "there is no program 'no-such-program' on this host" in play.document["hosts"]["here"]["problem"]


def test_requirements_that_do_not_install_say_what_pip_said_and_what_to_do(play, tmp_path):
    chosen = bot(tmp_path, HEALTHY)
    Path(chosen["bot_source"], "requirements.txt").write_text("no-such-package-of-anybody==9.9\n")
    pip = {"PIP_NO_INDEX": "1"}

    code, _ = play.run(**chosen, bot_requirements="requirements.txt", bot_pip_environment=pip)

    assert code != 0
    problem = play.document["hosts"]["here"]["problem"]
    assert "the bot's requirements do not install" in problem
    assert "no-such-package-of-anybody" in problem
    assert "What to do:" in problem


@pytest.mark.check
def test_a_bot_of_ones_own_passes(play, tmp_path):
    code, said = play.run(**bot(tmp_path, HEALTHY))

    assert code == 0, said
    assert play.verdicts() == {"baseline": "passed"}
