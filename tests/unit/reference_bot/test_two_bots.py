"""The lock that a second bot respects (rows 6.11 and 1.5 D): what may be in its place, and who holds it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

REFERENCE_BOT = Path(__file__).parents[3] / "reference_bot"

SAVE = """
from pathlib import Path
from trader import storage
storage.PATIENCE = 0.05
path = Path({path!r})
try:
    storage.Document(path, lambda _: True, lambda *_: None).save({{"n": {n}}})
except TimeoutError as problem:
    print(problem)
"""


def save(path, n):
    """What a save says, done by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", SAVE.format(path=str(path), n=n)],
        cwd=REFERENCE_BOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


TAKE = """
import subprocess, sys
from pathlib import Path
from trader import only_one
only_one.take(Path(sys.argv[1]))
child = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(child.pid, flush=True)
"""


def test_its_children_do_not_hold_the_folder(tmp_path):
    def take():
        return subprocess.run(
            [sys.executable, "-B", "-c", TAKE, str(tmp_path)],
            cwd=REFERENCE_BOT,
            capture_output=True,
            check=False,
        )

    first = take()
    child = int(first.stdout)
    try:
        second = take()
        assert second.returncode == 0, second.stderr
        os.kill(int(second.stdout), signal.SIGKILL)
        assert psutil.Process(child).status() != psutil.STATUS_ZOMBIE
    finally:
        os.kill(child, signal.SIGKILL)


def pipe(path):
    os.mkfifo(path)


@pytest.mark.parametrize(
    "stands_there",
    [Path.mkdir, pipe, lambda path: path.symlink_to("nowhere")],
    ids=["folder", "pipe", "link"],
)
def test_whatever_stands_in_the_place_of_its_lock_it_runs(bot, stands_there):
    bot.state.mkdir()
    stands_there(bot.state / "bot.lock")

    assert bot.run() == 0

    assert not (bot.state / "nowhere").exists()


def test_where_there_can_be_no_lock_it_says_so(bot):
    bot.state.mkdir()
    (bot.state / "bot.lock").symlink_to("nowhere")
    bot.run()
    assert bot.stderr().startswith("main.py: started without a lock on its state folder: ")


def test_one_that_does_not_let_go_is_not_waited_for_for_ever(tmp_path):
    path = tmp_path / "state.json"
    assert save(path, 1) == ""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    assert "another bot has held" in save(path, 2)

    assert json.loads(path.read_bytes()) == {"n": 1}
    assert [item.name for item in tmp_path.iterdir()] == ["state.json"]
    os.close(descriptor)
    assert save(path, 3) == ""
    assert json.loads(path.read_bytes()) == {"n": 3}
