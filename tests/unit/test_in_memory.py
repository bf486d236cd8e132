"""The folder in memory in which tests work comes and goes with their session."""

import os
import subprocess

import pytest

from tests import in_memory

pytestmark = [pytest.mark.linux, pytest.mark.root]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(in_memory, "PARENT", tmp_path)


def test_it_is_in_memory_while_it_is_there():
    folder = in_memory.mount()
    assert os.path.ismount(folder)
    in_memory.unmount(folder)
    assert not folder.exists()


def test_what_a_killed_session_left_is_removed_and_no_other(tmp_path, monkeypatch):
    ended = subprocess.Popen(["true"])
    ended.wait()
    with monkeypatch.context() as patch:
        patch.setattr("os.getpid", lambda: ended.pid)
        left = in_memory.mount()
    others = tmp_path / f"{in_memory.PREFIX}{os.getppid()}"
    by_hand = tmp_path / f"{in_memory.PREFIX}kept"
    others.mkdir()
    by_hand.mkdir()

    mine = in_memory.mount()
    assert sorted(tmp_path.iterdir()) == sorted([mine, others, by_hand])
    assert not left.exists()
    in_memory.unmount(mine)


def test_without_memory_to_spare_tests_work_on_the_disk(monkeypatch):
    monkeypatch.setattr(in_memory, "ENOUGH", 2**60)
    assert in_memory.mount() is None
