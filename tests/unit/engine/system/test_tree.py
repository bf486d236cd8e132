"""A bot as a tree of processes: who is in it, what they hold, and how all of them stand still."""

import subprocess
import sys
import time

import psutil
import pytest

from fleet_stress.store.deadline import wait_until
from fleet_stress.system import process, tree

#: Starts a child that starts a child, each with one file open for writing; the last one says that all are there.
GROWS = """
import subprocess, sys
folder, left = sys.argv[1], int(sys.argv[2])
stream = open(f"{folder}/of-{left}", "w")
if left:
    subprocess.Popen([sys.executable, "-c", sys.argv[3], folder, str(left - 1), sys.argv[3]]).wait()
else:
    print("grown", flush=True)
    sys.stdin.read()
"""
#: Has a child that has not begun its program.
VFORKS = "import ctypes\nc = ctypes.CDLL(None)\nprint('begins', flush=True)\nc.vfork() or c.sleep(60) or c._exit(0)"
#: Starts one child after the other, none of which lives long.
BREEDS = "import subprocess\nprint('begins', flush=True)\nwhile True: subprocess.run(['true'])"


def started(*argv):
    bot = subprocess.Popen(
        [sys.executable, "-c", *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    bot.stdout.readline()
    return bot


@pytest.fixture
def three(tmp_path):
    bot = started(GROWS, str(tmp_path), "2", GROWS)
    yield bot
    bot.communicate()


def test_all_generations_are_in_it(three):
    [first, second, third] = tree.of(three.pid)
    assert first.pid == three.pid
    assert [member.ppid() for member in (second, third)] == [first.pid, second.pid]


def test_of_one_that_is_gone_nobody_is_left():
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert tree.of(gone.pid) == []


def test_open_files_of_all_are_counted_together(three):
    members = tree.of(three.pid)
    assert tree.handles(members) == sum(member.num_fds() for member in members)
    assert tree.handles([]) is None


@pytest.mark.linux
def test_whoever_writes_is_found(three, tmp_path):
    assert tree.open_for_writing(tree.of(three.pid), tmp_path) == ["of-0", "of-1", "of-2"]


def test_all_stand_still_at_once_and_go_on(three):
    held = tree.hold(lambda: tree.of(three.pid))
    assert len(held) == 3
    assert {member.status() for member in held} == {psutil.STATUS_STOPPED}

    tree.let_go(held)
    deadline = time.monotonic() + 30
    while any(member.status() == psutil.STATUS_STOPPED for member in held):
        assert time.monotonic() < deadline


@pytest.mark.linux
def test_who_waits_for_a_child_that_has_not_begun_stands_still_with_it():
    """A signal to stop does not reach it: to wait for that would take up to the deadline."""
    bot = started(VFORKS)
    try:
        wait_until(lambda: len(tree.of(bot.pid)) == 2, 30.0, 0.01)
        assert {member.pid for member in tree.hold(lambda: tree.of(bot.pid))} == {
            member.pid for member in tree.of(bot.pid)
        }
    finally:
        process.end_all(tree.of(bot.pid))
        bot.communicate()


def test_who_is_born_meanwhile_stands_still_as_well():
    bot = started(BREEDS)
    try:
        held = tree.hold(lambda: tree.of(bot.pid))
        still = {member.pid for member in tree.of(bot.pid)}
        assert bot.pid in still
        assert still <= {member.pid for member in held}
    finally:
        process.end_all(tree.of(bot.pid))
        bot.communicate()
