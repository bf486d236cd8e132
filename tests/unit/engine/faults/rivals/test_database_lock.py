"""``database_lock``: a real process holds real SQLite locks; who writes meanwhile is told so, and nothing is left."""

import contextlib
import os
import sqlite3
import subprocess
import sys

import psutil
import pytest

from fleet_stress.faults.rivals.database_lock import BUSY, DatabaseLock
from fleet_stress.faults.site import Where
from fleet_stress.observe import sqlite
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.store.layout import MARK_VARIABLE
from tests.unit.engine.faults.conftest import applied, changed, make_site

BOT = {"state": {"ledger": {"path": "l.sqlite", "format": "sqlite", "rewritten": "cycle"}}, "messages": {}}
DEADLINE = 30.0


def site_of(folder, *, mode="delete", bot=BOT, made=True):
    site = make_site(folder, bot=bot, processes=lambda: [psutil.Process()])
    path = folder / "state/l.sqlite"
    tracked = Tracked("ledger", "state/l.sqlite", path, "sqlite", (), None)
    if made:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA journal_mode = {mode}")
            connection.execute("CREATE TABLE t (n)")
    return site._replace(files={"ledger": tracked}), path


@pytest.fixture(params=["delete", "wal"])
def standing(request, tmp_path):
    site, path = site_of(tmp_path, mode=request.param)
    fault = applied(DatabaseLock, site, {})
    yield site, path, fault
    fault.revert()


def write(path):
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as connection, connection:
        connection.execute("INSERT INTO t VALUES (1)")


def test_nobody_else_writes_while_it_stands_and_all_do_afterwards(standing):
    _, path, fault = standing
    with pytest.raises(sqlite3.OperationalError, match=BUSY):
        write(path)

    proof = fault.prove()
    after = fault.revert()

    assert proof.took_effect, proof
    assert proof.details["trial_before"] == proof.details["lock"] == {"state/l.sqlite": "well"}
    assert proof.details["trial_first"] == proof.details["trial_last"] == {"state/l.sqlite": BUSY}
    assert proof.details["unwritten"] == ["state/l.sqlite"]
    assert after == {"trial": {"state/l.sqlite": "well"}}
    write(path)


@pytest.mark.parametrize("standing", ["delete"], indirect=True)
def test_a_kill_of_it_leaves_no_lock_and_no_journal(standing):
    _, path, fault = standing
    fault._process.kill()
    fault._process.wait()

    proof = fault.prove()

    assert not proof.took_effect
    assert proof.details["why"].startswith("a trial as the bot's user did not find them locked all the time")
    assert [item.name for item in path.parent.iterdir()] == ["l.sqlite"]
    write(path)


def test_it_lets_go_when_whoever_asked_for_it_dies(tmp_path):
    _, path = site_of(tmp_path)
    argv = [
        sys.executable,
        "-m",
        "fleet_stress.faults.rivals.locker_process",
        "hold",
        "5",
        str(os.getuid()),
        str(os.getgid()),
    ]
    started = subprocess.Popen([*argv, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert started.stdout.readline() == b'["well"]\n'
    with pytest.raises(sqlite3.OperationalError, match=BUSY):
        write(path)

    started.stdin.close()

    assert started.wait(DEADLINE) == 0
    started.stdout.close()
    write(path)


def test_what_it_starts_bears_the_mark_by_which_it_is_found(standing):
    site, _, fault = standing
    assert psutil.Process(fault._process.pid).environ()[MARK_VARIABLE] == site.mark


@pytest.mark.root
def test_it_is_a_process_of_the_bots_user(tmp_path):
    site, path = site_of(tmp_path)
    for folder in tmp_path.parents[:-2]:  # to be passed, and no more: other tests' places are below them
        folder.chmod(folder.stat().st_mode | 0o011)
    for item in (tmp_path, path.parent, path):
        item.chmod(0o777)
    nobody = site.user._replace(name="nobody", uid=65534, gid=65534)
    fault = applied(DatabaseLock, site._replace(user=nobody), {})
    holder = psutil.Process(fault._process.pid)
    assert (set(holder.uids()), set(holder.gids())) == ({65534}, {65534})
    fault.revert()
    assert not holder.is_running()


def test_a_bot_that_says_so_has_met_it(tmp_path):
    bot = {
        "state": {"ledger": {**BOT["state"]["ledger"], "rewritten": "never"}},
        "messages": {"lock_timed_out": "somebody sits on it"},
    }
    site, _ = site_of(tmp_path, bot=bot)
    said = site.evidence / "start-01.err"
    said.write_text(f"{BUSY}\n")  # of before: it does not count
    fault = applied(DatabaseLock, site, {})
    assert not fault.prove().took_effect

    with said.open("a") as stream:
        stream.write(f"sqlite3.OperationalError: {BUSY}\nsomebody sits on it\nall is well\n")

    assert fault.hits() == 2
    assert fault.prove().took_effect
    fault.revert()


def test_where_no_bot_runs_and_nothing_was_said_it_was_not_met(tmp_path):
    site, _ = site_of(tmp_path)
    site = changed(site, processes=list)
    fault = applied(DatabaseLock, site, {})
    proof = fault.prove()
    fault.revert()
    assert not proof.took_effect
    assert proof.details["why"].endswith("and it did not run any more")


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    site, path = site_of(tmp_path, made=False)
    fault = applied(DatabaseLock, site, {})
    proof = fault.prove()
    fault.revert()
    assert not proof.took_effect
    assert proof.details["why"].startswith("they could not be locked as the bot's user")
    assert not path.exists()


@pytest.mark.parametrize(
    ("bot", "arguments", "reason"),
    [
        (BOT, {}, None),
        (BOT, {"file": "ledger"}, None),
        (BOT, {"file": "status"}, "`status` is no state file of the format sqlite in the bot's profile"),
        ({"state": {"a": {"format": "json"}}}, {}, "no state file is an SQLite one in the bot's profile"),
    ],
)
def test_it_needs_a_database(tmp_path, bot, arguments, reason):
    found = DatabaseLock.supported(Where(tmp_path, bot, None), arguments)
    assert (found and found.reason) == reason


def test_it_needs_a_python_with_sqlite(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "sqlite3", None)
    found = DatabaseLock.supported(Where(tmp_path, BOT, None), {})
    assert found.reason == "the engine's Python has no sqlite3"
