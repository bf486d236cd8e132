"""Seeing a write at once, holding a process in the middle of it, and looking at what it has open."""

import subprocess
import sys
import threading
import time

import psutil
import pytest

from fleet_stress import system
from fleet_stress.system import tree

#: Opens a file in the folder for writing and one for reading, says so, and spins.
HOLDER = """
import sys
writing, reading = open(sys.argv[1] + "/new.tmp", "w"), open(sys.argv[1] + "/old")
in_place = open(sys.argv[1] + "/place", "r+")
print("open", flush=True)
while True: pass
"""


def test_a_write_is_seen_and_silence_is_not(tmp_path):
    with system.WriteWatcher(tmp_path) as writes:
        assert writes.wait(0.05) is False
        (tmp_path / "state").write_text("x")
        assert writes.wait(10.0)
        (tmp_path / "state").replace(tmp_path / "other")
        assert writes.wait(10.0)


def test_so_is_one_in_a_folder_below_even_one_that_was_made_meanwhile(tmp_path):
    def written(writes):
        found, deadline = set(), time.monotonic() + 10
        while not any(name.endswith(".json") for name in found) and time.monotonic() < deadline:
            found.update(writes.names(1.0))
        return found

    (tmp_path / "data").mkdir()
    with system.WriteWatcher(tmp_path) as writes:
        (tmp_path / "data/BTC.json").write_text("x")
        assert "data/BTC.json" in written(writes)
        (tmp_path / "data/positions/old").mkdir(parents=True)
        assert "data/positions" in writes.names(10.0)
        (tmp_path / "data/positions/old/ETH.json").write_text("x")
        assert "data/positions/old/ETH.json" in written(writes)


def test_it_is_seen_while_it_waits(tmp_path):
    timer = threading.Timer(0.1, (tmp_path / "state").write_text, ["x"])
    with system.WriteWatcher(tmp_path) as writes:
        timer.start()
        assert writes.wait(30.0)
    timer.join()


def test_a_folder_that_is_not_there(tmp_path):
    if sys.platform == "linux":
        with pytest.raises(OSError, match="inotify"):
            system.WriteWatcher(tmp_path / "nowhere")


@pytest.fixture
def holder(tmp_path):
    (tmp_path / "old").write_text("x")
    (tmp_path / "place").write_text("x")
    started = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert started.stdout.readline() == "open\n"
    yield started
    started.kill()
    started.wait()
    started.stdout.close()


@pytest.mark.linux
def test_what_is_open_for_writing(tmp_path, holder):
    assert tree.open_for_writing(tree.of(holder.pid), tmp_path) == ["new.tmp", "place"]
    (tmp_path / "link").symlink_to(tmp_path)
    assert tree.open_for_writing(tree.of(holder.pid), tmp_path / "link") == ["new.tmp", "place"]
    assert tree.open_for_writing(tree.of(holder.pid), tmp_path / "elsewhere") == []


def test_a_process_that_is_gone_has_nothing_open(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert tree.of(gone.pid) == []
    assert tree.hold(lambda: tree.of(gone.pid)) == []


def test_held_is_stopped_when_it_returns(holder):
    for _ in range(20):
        held = tree.hold(lambda: tree.of(holder.pid))
        assert [member.pid for member in held] == [holder.pid]
        assert psutil.Process(holder.pid).status() == psutil.STATUS_STOPPED
        used = psutil.Process(holder.pid).cpu_times()
        time.sleep(0.005)
        assert psutil.Process(holder.pid).cpu_times().user == used.user
        tree.let_go(held)


def test_one_that_died_unseen_cannot_be_held():
    dead = subprocess.Popen(["true"])
    deadline = time.monotonic() + 30
    while psutil.Process(dead.pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert tree.hold(lambda: [psutil.Process(dead.pid)]) == []
    dead.wait()
