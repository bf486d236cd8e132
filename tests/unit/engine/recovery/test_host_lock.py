"""One run at a time on a host, and a dead one does not stand in the way."""

import json
import signal
import subprocess
import sys

import pytest

from fleet_stress.recovery import host_lock, stop_run
from fleet_stress.store.bare_python import lock_holder

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


def test_a_lock_file_that_was_removed_meanwhile_is_no_lock(tmp_path, monkeypatch):
    """Whoever waits has opened the file of the one before, who removes it with the whole folder."""
    before = [host_lock.HostLock(tmp_path, {"run_id": "r1"})]

    def removed_while_we_wait(_seconds):
        if before:
            (tmp_path / "lock").unlink()
            before.pop().release()

    monkeypatch.setattr(lock_holder.time, "sleep", removed_while_we_wait)
    host_lock.HostLock(tmp_path, {"run_id": "r2"})
    assert host_lock.holder(tmp_path)["run_id"] == "r2"


def test_a_pid_in_a_lock_is_believed_only_if_that_process_wrote_it(other_holder, tmp_path, monkeypatch):
    """For a moment the words of one that was killed are in a lock that another holds; its pid may be anybody's."""
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        words = {"run_id": "dead", "pid": bystander.pid, "began": 1.0}
        (tmp_path / "lock").write_text(json.dumps(words))
        assert host_lock.pid_of(host_lock.holder(tmp_path)) is None
        monkeypatch.setattr(stop_run, "_KILLED_WITHIN", 0.1)
        with pytest.raises(stop_run.NotEnded):
            stop_run.end_run(tmp_path, within=0.1)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
