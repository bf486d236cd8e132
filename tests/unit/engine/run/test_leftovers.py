"""What a verification of a host finds that should not be there: whatever a bot can leave, and hide."""

import ctypes
import os
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.run.leftovers import leftovers
from fleet_stress.system import jobs
from tests.unit.engine.system.adversary import NAME, account_for_bots, goes_on, program, run

pytestmark = [pytest.mark.root, pytest.mark.linux]

#: A name that is in no other test's litter.
LITTER = f"fleet-stress-litter-{os.getpid()}"


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setattr("fleet_stress.run.leftovers._ENTRIES", 5000)  # of a machine with many files of tests
    with account_for_bots(monkeypatch) as account:
        yield account


def test_nothing_is_found_where_nothing_was_left(account, tmp_path):
    found = leftovers(tmp_path, NAME)

    assert found == {kind: [] for kind in found}
    assert sorted(found) == ["files", "ipc", "jobs", "locks", "mounts", "processes", "state", "undo"]


def test_a_process_that_never_stays_is_found(account, tmp_path):
    beat = tmp_path / "beat"
    beat.write_bytes(b"")
    tmp_path.chmod(0o777)
    for folder in tmp_path.parents[:-2]:
        folder.chmod(folder.stat().st_mode | 0o001)
    beat.chmod(0o666)
    run(account, program(beat)).wait()
    assert goes_on(beat)

    assert leftovers(tmp_path, NAME)["processes"]


@pytest.fixture
def litter(account):
    """Made by the bots' user: System V objects, a message queue, and all kinds of files in shared folders."""
    code = f"""
import ctypes, os
libc = ctypes.CDLL(None)
rt = ctypes.CDLL("librt.so.1")
libc.shmget(0, 4096, 0o1600), libc.semget(0, 1, 0o1600), libc.msgget(0, 0o1600)
rt.mq_open(b"/{LITTER}", os.O_CREAT | os.O_RDWR, 0o600, None)
os.mkdir("/var/tmp/{LITTER}")
os.mkfifo("/run/lock/{LITTER}")
os.symlink("/etc/shadow", "/dev/shm/{LITTER}")
"""
    assert run(account, code).wait() == 0
    yield account
    Path(f"/var/tmp/{LITTER}").rmdir()
    for folder in ("/run/lock", "/dev/shm"):
        Path(folder, LITTER).unlink()
    libc, rt = ctypes.CDLL(None), ctypes.CDLL("librt.so.1")
    rt.mq_unlink(f"/{LITTER}".encode())
    remove = {
        "shared memory": lambda number: libc.shmctl(number, 0, None),
        "semaphores": lambda number: libc.semctl(number, 0, 0),
        "message queue": lambda number: libc.msgctl(number, 0, None),
    }
    for words in system.ipc_objects(account.uid):
        kind, number = words.partition(" (")[0].rsplit(" ", 1)
        remove[kind](int(number))
    assert system.ipc_objects(account.uid) == []


def test_shared_memory_semaphores_queues_and_all_kinds_of_files_are_found(litter, tmp_path):
    found = leftovers(tmp_path, NAME)

    assert sorted(words.split(" ")[0] for words in found["ipc"]) == [
        "message",
        "message",
        "semaphores",
        "shared",
    ]
    assert f"message queue /{LITTER}" in found["ipc"]
    folders = ("/dev/shm", "/run/lock", "/var/tmp")
    assert sorted(found["files"]) == [f"{folder}/{LITTER}" for folder in folders]


def test_what_cron_or_at_will_run_is_found_by_its_name_or_its_owner(account, tmp_path, monkeypatch):
    (tmp_path / "crontabs").mkdir()
    (tmp_path / "at/spool").mkdir(parents=True)
    for name in ("crontabs/ada", f"crontabs/{NAME}", "at/a0000101c4b5a8", "at/a0000201c4b5a8"):
        (tmp_path / name).write_text("* * * * * true")
    os.chown(tmp_path / "at/a0000201c4b5a8", account.uid, account.gid)
    spools = [str(tmp_path / name) for name in ("crontabs", "at", "none")]

    found = jobs.scheduled(account, spools)

    assert found == [tmp_path / "at/a0000201c4b5a8", tmp_path / f"crontabs/{NAME}"]


def test_more_than_fits_into_one_answer_is_counted(account, tmp_path, monkeypatch):
    """A host whose answer is too long would be lost, and what it had to say with it."""
    monkeypatch.setattr(
        system, "ipc_objects", lambda uid: [f"queue /{number} of {uid}" for number in range(100_000)]
    )

    found = leftovers(tmp_path, NAME)["ipc"]

    assert (len(found), found[-1]) == (201, "and 99800 more")
