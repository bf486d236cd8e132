"""Two bots on one state folder by mistake: whose numbers are kept is nobody's promise, but each file is whole."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

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
        cwd=Path(__file__).parents[3] / "reference_bot",
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_each_look_finds_a_whole_file(bot, read):
    first = bot.start(interval=0.0)
    bot.wait_for_cycle(1)
    second = bot.start(interval=0.0)
    for _ in range(300):
        for path in (bot.ledger, bot.status, bot.health, bot.activity):
            read(path)
    assert (first.poll(), second.poll()) == (None, None)
    assert "could not be saved" not in bot.complaints()


def test_one_that_does_not_let_go_is_not_waited_for_for_ever(tmp_path):
    path = tmp_path / "state.json"
    assert save(path, 1) == ""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    assert "another bot has held" in save(path, 2)

    assert json.loads(path.read_bytes()) == {"n": 1}
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]
    os.close(descriptor)
    assert save(path, 3) == ""
    assert json.loads(path.read_bytes()) == {"n": 3}
