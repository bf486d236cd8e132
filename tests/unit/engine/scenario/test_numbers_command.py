"""Numbers that only the bot's own code can read: whatever its command does, what comes of it is bounded."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from fleet_stress.observe import bot_files
from fleet_stress.observe.questions import Questions
from fleet_stress.scenario import numbers_command

PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


@pytest.fixture
def ask(tmp_path, user):
    """``ask(program, data)``: a question to a few lines of Python, which find the file's path in ``path``."""
    with tempfile.TemporaryDirectory(dir="/var/lib" if os.geteuid() == 0 else None) as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("bot", "fault"):
            (folder / part).mkdir()
        beside = []
        arena = SimpleNamespace(
            folder=folder,
            places={"python": PYTHON},
            mark=str(tmp_path),  # an arena has one of its own
            user=user,
            evidence=SimpleNamespace(folder=tmp_path),
            environment=SimpleNamespace(without_faults=lambda _: {"PATH": "/usr/bin:/bin"}),
            beside=beside.append,
            no_longer_beside=beside.remove,
        )
        command = numbers_command.NumbersCommand(arena)

        def run(program, data=b"7 5"):
            text = f"import sys; path = sys.argv[1]\n{program}"
            bot = {
                "state": {
                    "account": {
                        "path": "a.pickle",
                        "format": "bytes",
                        "numbers": ["${python}", "-c", text, "${file}"],
                        "never_back": ["orders"],
                    }
                }
            }
            places = {"state_dir": name, "log_dir": name}
            [tracked] = bot_files.tracked(bot, places, ask=command.ask)
            return tracked, tracked.ask(tracked, data)

        yield run
        assert beside == []
        assert list((folder / "fault").iterdir()) == []


def said(asked):
    answer = asked[1].answer()
    try:
        return json.loads(answer)
    except ValueError:
        return answer.decode()


def test_what_it_prints_last_are_the_numbers(ask):
    program = 'print("one moment"); print(\'{"orders": %s, "name": "x", "ok": true}\' % open(path).read().split()[0])'
    assert said(ask(program)) == {"orders": 7}


def test_two_at_once_do_not_hear_each_other(ask):
    """A file and its backup change in the same moment."""
    first = ask("import time; print('{\"orders\": 1000000}', flush=True); time.sleep(0.5)")
    until = time.monotonic() + 0.25
    while time.monotonic() < until:
        assert not first[1].over()
    second = ask("print('{\"orders\": 2}')")
    assert (said(first), said(second)) == ({"orders": 1000000}, {"orders": 2})


def test_it_is_not_root(ask):
    program = 'import json, os; print(json.dumps({"uid": os.getuid()}))'
    assert said(ask(program))["uid"] == (os.getuid() or 65534)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("raise ValueError('it is torn')", "exit code 1: ValueError: it is torn"),
        ("print('none here')", "exit code 0: none here"),
        ("print('[1]')", "exit code 0: [1]"),
        ("import os; os.abort()", "death by SIGABRT: "),
        ("sys.stdout.write('x' * 9_000_000)", "exit code 0: "),
    ],
)
def test_where_there_are_none_it_says_why(ask, program, why):
    found = said(ask(program))
    assert f"its numbers command ended with {why}" in found
    assert len(found) < 300


def test_one_that_takes_too_long_says_nothing_and_leaves_nobody(ask, monkeypatch):
    monkeypatch.setattr(numbers_command, "_WITHIN", 0.5)
    began = time.monotonic()
    question = ask("import subprocess; subprocess.run(['sleep', '77.7'])")[1]
    assert question.answer() is None
    assert time.monotonic() - began < 20
    assert not [process for process in psutil.process_iter() if "77.7" in " ".join(cmdline(process))]


def cmdline(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_watching_does_not_wait_and_asks_again_only_after_a_rest(ask, tmp_path):
    tracked, question = ask("print('{\"orders\": 3}')")
    question.answer()
    path, questions = tmp_path / "a.pickle", Questions()
    path.write_bytes(b"7 5")
    looks = [{}, {}, {}]

    questions.ask("state/a.pickle", path, tracked, looks[0])
    questions.ask("state/a.pickle", path, tracked, looks[1])  # one at a time
    assert looks == [{}, {}, {}]
    questions.wait()
    questions.ask("state/a.pickle", path, tracked, looks[2])  # a new start of the bot: no rest
    while "json" not in looks[2]:
        questions.poll()
    questions.ask("state/a.pickle", path, tracked, looks[1])

    assert (looks[0]["json"], looks[0]["fields"]) == ("valid", {"orders": 3.0})
    assert looks[1] == {}
