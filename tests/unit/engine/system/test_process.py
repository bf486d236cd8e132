"""Starting a bot as if freshly logged in; finding and ending only what we started."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from fleet_stress.store.exit_words import signal_name
from fleet_stress.store.layout import ARENA_VARIABLE, MARK_VARIABLE
from fleet_stress.system import process

RUN = f"run{os.getpid()}"
DEADLINE = 60.0

#: A parent with spoilt signals starts a program as the engine does, says its pid, and stays.
PARENT = """
import json, signal, sys
from pathlib import Path
from fleet_stress.system import process
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR1])
user, argv = json.loads(sys.argv[1])
child = process.start(argv, user=process.User(*user), folder=Path("/"), environment={"PATH": "/usr/bin:/bin"},
                      stdout=sys.stdout.buffer, stderr=sys.stderr.buffer)
print(child.pid, flush=True)
sys.exit(child.wait())
"""


def eventually(condition):
    """Wait until something is so, for no longer than a deadline that only a broken engine reaches."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


@pytest.fixture
def started():
    """Processes to be ended when the test is over."""
    started = []
    yield started
    for item in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            item.kill()
        item.communicate()


@pytest.fixture
def start(tmp_path, user, started):
    """Start a program as a bot is; its output goes to ``out`` and ``err``."""

    def start(*argv, **environment):
        with (tmp_path / "out").open("wb") as stdout, (tmp_path / "err").open("wb") as stderr:
            one = process.start(
                argv,
                user=user,
                folder=tmp_path,
                environment={"PATH": "/usr/bin:/bin", **environment},
                stdout=stdout,
                stderr=stderr,
            )
        started.append(one)
        return one

    return start


def spawn(started, *argv, **environment):
    """Start a program of ours, with more in its environment."""
    one = subprocess.Popen(argv, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    started.append(one)
    return one


def test_the_environment_is_just_the_one_given(start, tmp_path, monkeypatch):
    monkeypatch.setenv("A_SECRET", "crossed over")

    assert start("env", ONE="1").wait() == 0

    assert set((tmp_path / "out").read_text().split()) == {"ONE=1", "PATH=/usr/bin:/bin"}


def test_it_has_its_own_session_and_nothing_to_read(start, tmp_path):
    running = start("sleep", "600")
    assert os.getsid(running.pid) == running.pid != os.getsid(0)

    assert start("sh", "-c", "cat; umask; echo oops >&2; exit 7").wait() == 7
    assert int((tmp_path / "out").read_text()) == 22
    assert (tmp_path / "err").read_text() == "oops\n"


@pytest.mark.root
def test_it_runs_as_the_bots_user_and_in_no_other_group(start, tmp_path, user):
    assert start("sh", "-c", "id -u; id -g; id -G").wait() == 0

    assert (tmp_path / "out").read_text().split() == [str(user.uid), str(user.gid), str(user.gid)]


def test_a_command_that_is_not_there_is_an_error(start):
    with pytest.raises(OSError, match="no-such-command"):
        start("/no-such-command")


@pytest.mark.linux
def test_signals_are_as_if_freshly_logged_in_whatever_the_parent_did(user):
    argv = ["cat", "/proc/self/status"]
    done = subprocess.run(
        [sys.executable, "-c", PARENT, json.dumps([user, argv])], capture_output=True, text=True, check=True
    )
    status = dict(line.split(":\t", 1) for line in done.stdout.splitlines() if ":\t" in line)

    # Signals 32 and 33 are the C library's own (signal(7)): nobody can set them, and some parents leave them ignored.
    ours = ~(1 << 31 | 1 << 32)
    assert int(status["SigIgn"], 16) & ours == 0
    assert int(status["SigBlk"], 16) & ours == 0


@pytest.mark.root
def test_an_arena_goes_before_its_bot_and_the_bot_as_it_would_without_us(user):
    before = "import os\nfrom fleet_stress.system import process as arena\narena.go_before_bots()\n"
    said = f"{before}print(os.getpriority(os.PRIO_PROCESS, 0), flush=True)\n{PARENT}"
    done = subprocess.run(
        [sys.executable, "-c", said, json.dumps([user, ["sh", "-c", "nice >&2"]])],
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout.split()[0]) < int(done.stderr) == os.nice(0)


@pytest.mark.root
@pytest.mark.linux
def test_who_goes_ahead_of_all_does_so_alone_and_for_a_while():
    before = os.sched_getscheduler(0), os.nice(0)
    policy = [sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"]

    with process.ahead_of_all() as ahead:
        now, child = os.sched_getscheduler(0), subprocess.check_output(policy, text=True)

    assert ahead == bool(now & os.SCHED_FIFO)
    assert int(child) == os.SCHED_OTHER
    assert (os.sched_getscheduler(0), os.nice(0)) == before


@pytest.mark.root
@pytest.mark.linux
def test_who_may_not_go_ahead_of_all_goes_as_before(user):
    told = (
        "import os\nfrom fleet_stress.system import process\n"
        f"os.setuid({user.uid})\n"
        "with process.ahead_of_all() as ahead: print(ahead, os.sched_getscheduler(0) == os.SCHED_OTHER)"
    )

    assert subprocess.check_output([sys.executable, "-c", told], text=True).split() == ["False", "True"]


def test_what_its_parent_is_to_read_is_not_for_the_bot(user):
    argv = [sys.executable, "-c", PARENT, json.dumps([user, ["cat"]])]
    done = subprocess.run(argv, input="yes", capture_output=True, text=True, check=True)

    assert done.stdout.strip().isdigit()


@pytest.mark.linux
def test_it_dies_with_its_parent(user, started):
    parent = spawn(started, sys.executable, "-c", PARENT, json.dumps([user, ["sleep", "600"]]))
    child = psutil.Process(int(parent.stdout.readline()))
    assert process.alive(child)

    parent.kill()

    try:
        eventually(lambda: not process.alive(child))
    finally:
        process.end_all([child])


def test_only_what_carries_the_mark_is_found(start):
    ours = [start("sleep", "600", **{MARK_VARIABLE: mark}) for mark in (RUN, f"{RUN}/a", f"{RUN}/b")]
    start("sleep", "600", **{MARK_VARIABLE: f"{RUN}0"})
    start("sleep", "600", **{ARENA_VARIABLE: f"{RUN}/a"})
    start("sleep", "600")

    def found(mark, *variable):
        return {item.pid for item in process.marked(mark, *variable)}

    assert found(RUN) == {item.pid for item in ours}
    assert found(f"{RUN}/a") == {ours[1].pid}
    assert len(found(RUN, ARENA_VARIABLE)) == 1


def test_all_are_ended_and_gone_when_it_returns(start):
    two = [start("sh", "-c", "trap '' TERM; exec sleep 600"), start("sleep", "600")]
    other = start("sleep", "600")

    process.end_all([psutil.Process(item.pid) for item in two] + [psutil.Process()])

    assert [item.poll() for item in two] == [-signal.SIGKILL] * 2
    assert other.poll() is None


def test_ending_what_is_already_gone_is_no_error(start):
    gone = start("true")
    handle = psutil.Process(gone.pid)
    gone.wait()

    process.end_all([handle])
    assert not process.alive(handle)


def test_a_zombie_is_dead_and_no_descendant(start):
    zombie, running = start("true"), start("sleep", "600")
    handle = psutil.Process(zombie.pid)
    eventually(lambda: handle.status() == psutil.STATUS_ZOMBIE)

    assert not process.alive(handle)
    found = {item.pid for item in process.descendants()}
    assert running.pid in found
    assert zombie.pid not in found
    assert process.descendants(running.pid) == []


def test_grandchildren_are_descendants(start):
    shell = start("sh", "-c", "sleep 600; true")
    eventually(lambda: [item.name() for item in process.descendants(shell.pid)] == ["sleep"])
    [child] = process.descendants(shell.pid)
    assert child in process.descendants()

    process.end_all([child, psutil.Process(shell.pid)])
    assert process.descendants(shell.pid) == []


def test_an_arena_is_asked_to_end_so_that_it_can_undo(started, tmp_path):
    script = f"trap 'echo undone > {tmp_path}/undone; exit' TERM; echo ready; while :; do sleep 0.01; done"
    arena = spawn(started, "sh", "-c", script, **{ARENA_VARIABLE: f"{RUN}/a"})
    other = spawn(started, "sleep", "600", **{ARENA_VARIABLE: f"{RUN}0/a"})
    assert arena.stdout.readline() == "ready\n"

    process.end_arenas(RUN)

    assert (tmp_path / "undone").read_text() == "undone\n"
    assert other.poll() is None


def test_an_arena_that_does_not_listen_is_killed(started, monkeypatch):
    arena = spawn(
        started, "sh", "-c", "trap '' TERM; echo ready; exec sleep 600", **{ARENA_VARIABLE: f"{RUN}/a"}
    )
    assert arena.stdout.readline() == "ready\n"
    monkeypatch.setattr(process, "GONE_WITHIN", 0.05)

    process.end_arenas(RUN)

    assert arena.wait(DEADLINE) == -signal.SIGKILL


def test_a_process_is_described_also_when_it_is_gone(start):
    running = start("sleep", "600")
    handle = psutil.Process(running.pid)
    assert process.describe(handle) == {"pid": running.pid, "name": "sleep", "cmdline": "sleep 600"}

    running.kill()
    running.wait()
    assert process.describe(handle)["pid"] == running.pid


def test_signals_have_names():
    assert (signal_name(9), signal_name(15), signal_name(999)) == (
        "KILL",
        "TERM",
        "999",
    )


def test_bots_never_run_as_root(user):
    assert process.user_named(user.name) == user
    with pytest.raises(PermissionError, match="never as root"):
        process.user_named("root")
    with pytest.raises(KeyError):
        process.user_named("nobody-of-this-name")


@pytest.mark.root
def test_who_runs_as_the_bots_user_is_no_tool_of_ours_whatever_its_environment_says(start, started):
    theirs = start("sleep", "600", **{ARENA_VARIABLE: f"{RUN}/a"})
    ours = spawn(started, "sleep", "600", **{ARENA_VARIABLE: f"{RUN}/a"})

    # A program is started a moment before the kernel shows its environment (execve(2)).
    eventually(lambda: ARENA_VARIABLE in psutil.Process(theirs.pid).environ())
    eventually(lambda: process.is_tool_of_ours(psutil.Process(ours.pid)))
    assert not process.is_tool_of_ours(psutil.Process(theirs.pid))
