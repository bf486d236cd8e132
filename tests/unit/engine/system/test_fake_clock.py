"""The bot's own clock: a real libfaketime, real programs, and what a kill leaves of it."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo, open_records
from fleet_stress.system import fake_clock
from fleet_stress.system.fake_clock import FakeClock
from tests.unit.engine.faulty_fs.conftest import place  # noqa: F401

pytestmark = [
    pytest.mark.linux,
    pytest.mark.root,
    pytest.mark.skipif(
        fake_clock.library() is None, reason="libfaketime is not here: apt-get install faketime"
    ),
]
HOUR = 3600.0
#: Says its clock's offset from the file's own time whenever it is asked to.
TELLS = """
import sys, time
for line in sys.stdin:
    print(time.time(), time.monotonic(), flush=True)
"""


@pytest.fixture
def clock(place):  # noqa: F811
    made = FakeClock(place, str(place))
    made.make()
    yield made
    fake_clock.forget(fake_clock.prefix(str(place)))


@pytest.fixture
def program(clock):
    started = subprocess.Popen(
        [sys.executable, "-c", TELLS],
        env=clock.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def tell():
        started.stdin.write("\n")
        started.stdin.flush()
        return [float(word) for word in started.stdout.readline().split()]

    tell.process = started
    yield tell
    started.kill()
    started.communicate()


def test_a_running_program_is_stepped_there_and_back_and_its_monotonic_clock_stays(clock, program):
    first, monotonic = program()
    clock.set(HOUR)
    ahead, later = program()
    clock.set(-HOUR)
    behind, last = program()

    assert HOUR <= ahead - first < HOUR + fake_clock.NEAR
    assert -2 * HOUR <= behind - ahead < -2 * HOUR + fake_clock.NEAR
    assert monotonic < later < last < monotonic + fake_clock.NEAR


def test_a_program_that_sleeps_gets_on(clock, user):
    clock.set(-HOUR)
    told = clock.control(
        "/usr/bin/python3" if os.geteuid() == 0 else sys.executable, clock.environment(), user
    )
    assert abs(told.offset + HOUR) < fake_clock.NEAR
    assert told.monotonic_true


def test_who_has_loaded_it_is_seen(clock, program):
    program()
    without = psutil.Process()
    assert clock.loaded_by([psutil.Process(program.process.pid), without]) == {
        program.process.pid: True,
        without.pid: False,
    }


def test_a_program_that_breaks_down_is_told_in_its_own_words(clock, user):
    with pytest.raises(OSError, match=r"breaks down: .*cat --help"):
        clock.control("/bin/cat", {}, user)


def test_what_a_kill_leaves_in_shared_memory_is_undone_from_the_journal(program, tmp_path, place):  # noqa: F811
    name = fake_clock.prefix(str(place))
    program()
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()
    undo = Undo(Journal(tmp_path / "journal.jsonl", "test"))
    record = undo.record("fake_clock", prefix=name)

    undo.carry_out(record, "fake_clock", {"prefix": name})

    assert fake_clock.left(name) == []
    assert open_records(tmp_path / "journal.jsonl") == []


def test_what_others_keep_there_stays(tmp_path):
    other = fake_clock.SHARED_MEMORY / f"fs-of-others-{os.getpid()}"
    other.touch()
    try:
        fake_clock.forget(fake_clock.prefix(str(tmp_path)))
        assert other.exists()
    finally:
        other.unlink()
