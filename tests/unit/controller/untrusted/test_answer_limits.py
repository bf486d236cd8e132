"""One answer of a host takes no more memory and time of ours than any honest one would."""

import itertools
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time

import psutil
import pytest
from fleet_controller.untrusted.answer_limits import Silent, answered_within, bounded_memory
from fleet_controller.untrusted.unpack import Hostile

# pytest's own deadline would be the alarm of somebody else.
alarms = pytest.mark.timeout(60, method="thread")


def _take_an_endless_answer(out):
    try:
        with bounded_memory(64 * 2**20):
            said = bytearray()
            for _ in itertools.count():
                said += b"y\n" * 500_000
                if len(said) > 2**30:
                    break
        out.send("took a gigabyte")
    except Hostile as problem:
        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        out.send(f"{problem}; then {limit == resource.RLIM_INFINITY}")


@pytest.mark.skipif(sys.platform != "linux", reason="macOS knows no such limit")
def test_an_answer_without_end_is_given_up_before_it_takes_our_memory():
    ours, theirs = multiprocessing.Pipe()
    before = resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
    process = multiprocessing.get_context("spawn").Process(target=_take_an_endless_answer, args=(theirs,))
    process.start()
    assert ours.poll(240), "it answers"
    assert ours.recv() == f"its answer is longer than any (67108864 bytes of memory); then {before}"
    process.join()


@alarms
def test_who_does_not_answer_in_time_is_given_up_and_what_was_begun_for_it_is_ended():
    earlier, below = subprocess.Popen(["sleep", "60"]), f"60.{os.getpid()}"
    with pytest.raises(Silent, match=r"not answered for 0\.2 s"), answered_within(0.2):
        asked = subprocess.Popen(["sh", "-c", f"sleep {below}; true"])
        asked.wait()

    assert asked.wait(10) == -signal.SIGKILL
    assert earlier.poll() is None
    earlier.kill()
    earlier.wait()
    deadline = time.monotonic() + 10  # one that was killed may be seen for a moment
    while any(item.info["cmdline"] == ["sleep", below] for item in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@alarms
def test_who_answers_in_time_is_answered_and_no_alarm_is_left():
    with answered_within(0.2):
        answer = "here"
    time.sleep(0.3)
    assert (answer, signal.getitimer(signal.ITIMER_REAL)) == ("here", (0.0, 0.0))
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


@alarms
@pytest.mark.parametrize(("theirs", "comes"), [(0.1, 0.1), (0.4, 0.4)])
def test_an_alarm_of_ansibles_own_comes_as_it_would_have_without_ours(theirs, comes):
    rung = []
    signal.signal(signal.SIGALRM, lambda *_: rung.append(time.monotonic()))
    began = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, theirs)
    try:
        with answered_within(0.2):
            time.sleep(0.15)
        while not rung and time.monotonic() < began + 10:
            time.sleep(0.01)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert rung[0] - began >= comes - 0.01
