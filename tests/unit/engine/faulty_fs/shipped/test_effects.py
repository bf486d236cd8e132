"""What rules do to a real process on a real mount; and that nothing and nobody hangs on for ever."""

import errno
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from fleet_stress import system
from fleet_stress.system import tree
from tests.unit.engine.faulty_fs import nobody
from tests.unit.engine.faulty_fs.nobody import names

pytestmark = [pytest.mark.linux, pytest.mark.root]


def write(path, data=b"0123456789"):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    return os.write(descriptor, data)


def save(folder):
    write(folder / "s.tmp")
    (folder / "s.tmp").replace(folder / "s")


def until(true, within=60.0):
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_delay_is_waited_and_counted(stand):
    stood = stand([{"on": ["rename"], "delay": 0.2}])
    nobody.run(save, stood.top)
    [(met, waited)] = stood.mounted.figures().rules
    assert met == 1
    assert waited >= 0.2
    assert (stood.below / "s").exists()


def test_a_narrow_disk_makes_wait_for_bytes(stand):
    stood = stand([{"on": ["write"], "bytes_per_second": 100}])
    nobody.run(write, stood.top / "a", bytes(20))
    [(met, waited)] = stood.mounted.figures().rules
    assert met == 1
    assert waited >= 0.2


def test_who_is_not_the_bot_meets_no_rule(stand):
    stood = stand([{"on": ["any"], "errno": "EIO"}])
    save(stood.top)
    assert stood.mounted.figures().hits == 0


def waits_for_it(pid):
    """Whether a process has asked a file system of this kind and has no answer yet (proc_pid_wchan(5))."""
    assert psutil.Process(pid).status() != psutil.STATUS_ZOMBIE, "it has ended"
    # The second: the file system has not even answered the kernel's first greeting.
    return Path(f"/proc/{pid}/wchan").read_text() in ("request_wait_answer", "fuse_get_req")


@pytest.mark.parametrize("name", ["ENOSPC", "EIO", "EROFS", "EDQUOT", "EMFILE"])
def test_it_fails_as_asked_and_nothing_is_done(stand, name):
    stood = stand([{"on": ["rename"], "path": "*.tmp", "errno": name}])
    with pytest.raises(OSError, match=r"\w") as problem:
        nobody.run(save, stood.top)
    assert problem.value.errno == getattr(errno, name)
    assert names(stood.below) == ["s.tmp"]


def test_from_the_kth_on(stand):
    stood = stand([{"on": ["create"], "errno": "ENOSPC", "from": 3}])

    def make():
        for number in range(5):
            try:
                (stood.top / str(number)).touch()
            except OSError:
                continue

    nobody.run(make)
    assert names(stood.below) == ["0", "1"]


def test_a_short_write_is_told_to_the_writer(stand):
    stood = stand([{"on": ["write"], "short_write": 4}])
    assert nobody.run(write, stood.top / "a") == 4
    assert (stood.below / "a").read_bytes() == b"0123"


@pytest.mark.parametrize(("when", "left"), [("before", ["s.tmp"]), ("after", ["s"])])
def test_it_is_killed_at_just_the_kth_operation(stand, when, left):
    stood = stand([{"on": ["rename"], "kill": when, "at": 1}])
    with pytest.raises(ChildProcessError, match="SIGKILL"):
        nobody.run(save, stood.top)
    assert names(stood.below) == left
    assert f'"killed": "{when}"' in stood.mounted.log.read_text()
    nobody.run(save, stood.top)


def test_a_freeze_holds_all_and_ends(stand):
    stood = stand([{"on": ["fsync"], "freeze": 0.3, "at": 1}])

    def sync_and_write():
        descriptor = os.open(stood.top / "a", os.O_WRONLY | os.O_CREAT)
        began = time.monotonic()
        os.fsync(descriptor)
        return time.monotonic() - began

    assert nobody.run(sync_and_write) >= 0.3
    nobody.run(sync_and_write)  # the first alone froze it
    assert stood.mounted.figures().rules == [(1, 0.0)]


def test_who_is_killed_while_it_waits_is_gone(stand):
    stood = stand([{"on": ["create"], "delay": 10000}])
    child, reading = nobody.start(write, stood.top / "a")
    until(lambda: waits_for_it(child))
    os.kill(child, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    os.close(reading)
    assert names(stood.below) == []


def test_switched_off_all_go_on(stand):
    stood = stand([{"on": ["create"], "delay": 10000}])
    child, reading = nobody.start(write, stood.top / "a")
    until(lambda: waits_for_it(child))
    stood.mounted.switch_off()
    os.waitpid(child, 0)
    os.close(reading)
    assert (stood.below / "a").read_bytes() == b"0123456789"


def test_one_that_does_not_answer_is_ended_and_who_hangs_in_it_is_let_go(stand):
    stood = stand()
    served = psutil.Process(stood.mounted._process.pid)
    assert tree.hold(lambda: tree.of(served.pid))
    child, reading = nobody.start(write, stood.top / "a")
    until(lambda: waits_for_it(child))
    os.kill(child, signal.SIGKILL)

    stood.mounted.release()

    os.waitpid(child, 0)
    os.close(reading)
    assert not served.is_running()
    stood.mounted.take_away()
    assert not stood.mounted.stands()


def test_what_is_open_when_it_is_taken_away_goes_on(stand):
    stood = stand()
    with (stood.top / "a").open("w") as stream:
        stood.mounted.take_away()
        assert not stood.mounted.stands()
        stream.write("afterwards")
    until(lambda: stood.mounted._process.poll() is not None)
    assert (stood.top / "a").read_text() == "afterwards"


def test_its_death_is_told_and_leaves_nothing_mounted(stand):
    stood = stand()
    assert stood.mounted.died() is None
    os.kill(stood.mounted._process.pid, signal.SIGKILL)
    until(stood.mounted.died)
    assert "died (death by SIGKILL)" in stood.mounted.died()
    with pytest.raises(OSError, match="not connected"):
        (stood.top / "a").touch()

    stood.mounted.take_away()

    assert all(mount.source != stood.mounted.order.source for mount in system.mounts())
    (stood.top / "a").touch()


def test_what_cannot_be_mounted_is_said(stand, monkeypatch):
    monkeypatch.setenv("FUSE_LIBRARY_PATH", "/nonexistent")
    monkeypatch.setattr("fleet_stress.system.helper_process.environment", lambda _: dict(os.environ))
    with pytest.raises(OSError, match="libfuse3 cannot be used"):
        stand()
