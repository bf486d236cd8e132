"""The main process of a daemon: found, whenever we look."""

import subprocess
import sys

import psutil
import pytest

from fleet_stress.scenario.main_process import MainProcess


@pytest.fixture
def program():
    """``program()``: a process that runs until it gets a line; it is ended with the test."""
    running = []

    def begin():
        running.append(subprocess.Popen([sys.executable, "-IS", "-c", "input()"], stdin=subprocess.PIPE))
        return running[-1]

    yield begin
    for one in running:
        one.kill()
        one.communicate()


def ends(one):
    one.communicate(b"\n")
    assert one.returncode == 0


def main_process(started, looks, pid_file):
    """One whose members are those of each look in turn, and of the last one from then on."""
    given = iter(looks)
    return MainProcess(started, {"pid_file": str(pid_file)}, lambda: next(given, looks[-1]), 60.0)


def test_a_daemon_that_forks_while_we_look_has_not_ended(program, tmp_path):
    """Who forked is dead when we come to it, and its child is in no list yet."""
    parent, child = program(), program()
    (tmp_path / "bot.pid").write_text(f"{child.pid}\n")
    looks = [[psutil.Process(parent.pid)], [psutil.Process(child.pid)]]
    main = main_process(parent, looks, tmp_path / "bot.pid")
    ends(parent)

    assert main.ended() is None
    assert main.pid == child.pid


def test_where_nobody_is_left_it_ended_as_its_first_process_did(program, tmp_path):
    started = program()
    main = main_process(started, [[psutil.Process(started.pid)]], tmp_path / "bot.pid")
    ends(started)

    assert main.ended() == {"code": 0, "signal": None}
