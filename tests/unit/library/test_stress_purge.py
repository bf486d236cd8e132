"""library/stress_purge.py: all of ours or nothing, and nothing runs or begins meanwhile."""

import json
import os
import signal
import subprocess
import sys

import pytest

from fleet_stress.recovery import host_lock
from fleet_stress.store.bare_python.flat_removal import remove_flat
from fleet_stress.store.layout import MARKER

HOLD = """
import sys, time
from pathlib import Path
from fleet_stress.recovery import host_lock
from fleet_stress.store.bare_python.flat_removal import remove_flat
held = host_lock.HostLock(Path(sys.argv[1]), {"run_id": "r1"})
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def purge(door):
    return door("stress_purge")


@pytest.fixture
def full(place):
    """A place with an engine, a bot and a run, and what a bot can leave: a deep tree, and a folder nobody may read."""
    for name in ("engine/abc/bin", "bots/mine", "runs/r1/arenas/x/state"):
        (place / name).mkdir(parents=True)
    (place / "engine/current").symlink_to("abc")
    (place / "lock").touch()
    at = os.open(place / "runs/r1/arenas/x/state", os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=at)
        inner = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)
    yield place
    remove_flat(place)  # what removes it afterwards would not get as deep on every Python
    place.mkdir()


def holding(place, seconds):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_nothing_stays_and_a_second_time_nothing_is_there(purge, full):
    assert purge(stress_dir=str(full))["changed"]
    assert not full.exists()
    assert not purge(stress_dir=str(full))["changed"]


def test_check_mode_removes_nothing(purge, full):
    assert purge(check=True, stress_dir=str(full))["changed"]
    assert (full / "engine/current").is_symlink()


def test_no_purge_while_a_run_runs(purge, full, monkeypatch):
    run = holding(full, 600)
    try:
        asked = purge.start(stress_dir=str(full))
        with pytest.raises(subprocess.TimeoutExpired):  # it waits: a supervisor may be about to end
            asked.wait(1)
        assert host_lock.run_here(full)["run_id"] == "r1"
        assert (full / "engine/current").is_symlink()
        run.send_signal(signal.SIGKILL)
        assert purge.answer(asked)["changed"]
    finally:
        run.kill()
        run.communicate()


def test_no_run_begins_while_a_purge_removes(full, library, monkeypatch):
    """Looked at from within: what the purge holds at the moment when it begins to remove."""
    module = library("stress_purge")
    tried = []

    def remove(stress_dir):
        with pytest.raises(host_lock.Busy, match="removing all of fleet-stress"):
            host_lock.HostLock(stress_dir, {"run_id": "r2"}, within=0.0)
        with pytest.raises(host_lock.Busy):
            host_lock.move(stress_dir, "handing a plan over", 0.0)
        tried.append(stress_dir)

    monkeypatch.setattr(module, "_remove", remove)
    assert module.purge(full)
    assert tried == [full]


def test_a_purge_that_died_in_the_middle_leaves_a_folder_of_ours_which_the_next_one_removes(
    full, library, monkeypatch, purge
):
    module = library("stress_purge")
    removed = []

    def die_after_three(path):
        removed.append(path.name)
        if len(removed) == 3:
            os._exit(9)
        remove(path)

    remove = module.remove_flat
    child = os.fork()
    if child == 0:
        module.remove_flat = die_after_three
        module.purge(full)
        os._exit(0)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 9
    assert (full / MARKER).exists()
    assert purge(stress_dir=str(full))["changed"]
    assert not full.exists()


def test_what_is_held_by_hand_would_never_be_undone_without_its_journal(purge, full):
    (full / "by_hand/leases").mkdir(parents=True)
    (full / "by_hand/leases/network_block.json").write_text("{}")

    assert "held by hand there: network_block" in purge.fails(stress_dir=str(full))
    assert (full / "engine/current").is_symlink()


def test_a_halted_host_keeps_its_halt(purge, full):
    (full / "halted.json").write_text(json.dumps({"reason": "incident", "by": "ops", "since": "noon"}))

    assert "halted because of: incident" in purge.fails(stress_dir=str(full))


def test_a_folder_of_others_is_never_removed(purge, full):
    (full / MARKER).unlink()

    assert "no marker" in purge.fails(stress_dir=str(full))
    assert (full / "engine/current").is_symlink()
