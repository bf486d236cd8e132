"""Everything of the user that bots run as: seen whatever it does to be overlooked, and ended when no arena runs."""

import os
import pwd
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleet_stress.recovery.undo import KINDS
from fleet_stress.store.deadline import wait_until
from fleet_stress.store.layout import ARENA_VARIABLE
from fleet_stress.system import bots_user, process
from tests.unit.engine.system.adversary import NAME, account_for_bots, goes_on, program, run

pytestmark = [pytest.mark.root, pytest.mark.linux]


@pytest.fixture
def account(monkeypatch):
    with account_for_bots(monkeypatch) as account:
        yield account


@pytest.fixture
def beat(account):
    path = Path("/var/tmp") / f"fleet-stress-beat-{os.getpid()}"
    path.write_bytes(b"")
    os.chown(path, account.uid, account.gid)
    yield path
    path.unlink()


def test_one_that_never_stays_is_seen_and_ended(account, beat):
    assert not bots_user.never_stays(account)
    assert run(account, program(beat)).wait() == 0
    assert goes_on(beat)

    assert bots_user.living(account) or bots_user.never_stays(account)
    KINDS["end_orphans"].undo(user=NAME)

    assert KINDS["end_orphans"].gone(user=NAME)
    assert not goes_on(beat)


def test_one_that_no_list_shows_is_told_by_the_kernels_count(account, beat, monkeypatch):
    run(account, "import time; time.sleep(600)", orphan=True).wait()
    assert not bots_user.never_stays(account)
    monkeypatch.setattr(bots_user, "_all", lambda _: [])

    assert bots_user.never_stays(account)


def test_in_a_container_the_same_user_of_another_one_is_not_taken_for_one_that_never_stays(account, beat):
    """RLIMIT_NPROC counts all of a user on one kernel, and a container sees its own alone."""
    look = f"from fleet_stress.system.bots_user import User, never_stays\nprint(never_stays(User(*{tuple(account)!r})))"
    inside = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", look]
    run(account, "import time; time.sleep(600)", orphan=True).wait()

    assert subprocess.run(inside, capture_output=True, text=True, check=True).stdout == "False\n"


def test_who_is_looked_after_is_left_alone_and_orphans_beside_it_are_ended(account):
    """A build of a bot's environment has Ansible's process above it."""
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, sys, time\n"
            f"if not os.fork():\n    os.setgid({account.gid}); os.setuid({account.uid}); time.sleep(600)\n"
            "print('up', flush=True); os.wait()",
        ],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as looks_after:
        try:
            looks_after.stdout.readline()
            run(account, "import time; time.sleep(600)", orphan=True).wait()
            deadline = time.monotonic() + 30
            while len(bots_user.living(account)) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            assert len(bots_user.living(account)) == 2

            bots_user.end_orphans(NAME)

            assert [one.ppid() for one in bots_user.living(account)] == [looks_after.pid]
            assert bots_user.no_orphans(NAME)
        finally:
            looks_after.kill()


def test_without_a_group_that_counts_the_limit_is_the_users(account):
    code = """
import os, time
born = 0
try:
    while born < 100:
        if not os.fork():
            time.sleep(600)
        born += 1
except BlockingIOError:
    pass
os._exit(born)
"""
    process.limit_processes(12)
    try:
        assert 0 < run(account, code).wait() == 11
    finally:
        process.limit_processes(None)


def test_while_an_arena_runs_nobody_is_ended(account, monkeypatch):
    monkeypatch.undo()  # ask for real; the account is unknown then, so what asks is called itself
    with subprocess.Popen(["sleep", "600"], env={**os.environ, ARENA_VARIABLE: "run.abc/scenario"}) as arena:
        try:
            # A program is started a moment before the kernel shows its environment (execve(2)).
            assert wait_until(bots_user._an_arena_runs, 30.0, 0.01)
        finally:
            arena.kill()


def test_whom_others_use_as_well_is_not_ours_to_end(account, monkeypatch):
    entry = pwd.getpwnam(NAME)
    assert bots_user.has_bots_only(account)
    for comment in ("nobody", "", "Ada Lovelace"):
        other = pwd.struct_passwd((*entry[:4], comment, *entry[5:]))
        monkeypatch.setattr(pwd, "getpwnam", lambda _, other=other: other)
        assert not bots_user.has_bots_only(account)
    left = run(account, "import time; time.sleep(600)")

    bots_user.end_orphans(NAME)

    assert left.poll() is None
    left.kill()
    left.wait()


def test_an_account_that_is_gone_is_nothing_to_undo():
    KINDS["end_orphans"].undo(user="nobody-of-that-name")
    assert KINDS["end_orphans"].gone(user="nobody-of-that-name")
