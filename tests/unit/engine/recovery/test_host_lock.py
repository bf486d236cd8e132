"""One run at a time on a host, and a dead one does not stand in the way."""

import signal
import subprocess
import sys

import pytest

from fleet_stress.recovery import host_lock

HOLD = "import sys, time; from pathlib import Path; from fleet_stress.recovery.host_lock import HostLock; \
held = HostLock(Path(sys.argv[1]), {'run_id': 'r1', 'pid': 1, 'since': 'noon'}); print('held', flush=True); \
time.sleep(600)"


@pytest.fixture
def other_holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_run_is_told_who_is_there_and_since_when(tmp_path, other_holder):
    assert host_lock.holder(tmp_path)["run_id"] == "r1"
    with pytest.raises(host_lock.Busy, match=r"run r1 \(pid 1\) has been using this host since noon"):
        host_lock.HostLock(tmp_path, {}, within=0.1)


def test_the_holders_death_gives_the_host_free(tmp_path, other_holder):
    other_holder.send_signal(signal.SIGKILL)
    other_holder.wait()

    assert host_lock.holder(tmp_path) is None
    host_lock.HostLock(tmp_path, {"run_id": "r2"}).release()


def test_a_free_host_has_no_holder(tmp_path):
    assert host_lock.holder(tmp_path) is None
    host_lock.HostLock(tmp_path, {"run_id": "r"}).release()
    assert host_lock.holder(tmp_path) is None
