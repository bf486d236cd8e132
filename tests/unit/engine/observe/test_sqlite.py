"""A bot's database is read as whoever opens it next would find it, and is not touched by that."""

import contextlib
import json
import os
import sqlite3
import struct
import subprocess
import sys

import pytest

from fleet_stress.observe import bot_files, file_content, sqlite

ASKED = {"orders": "SELECT count(*) FROM orders"}
NOTHING_YET = b'{"orders": null}'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trades.sqlite"


@pytest.fixture(params=["wal", "delete"])
def connection(request, path):
    """A database that its bot has open, in either way of keeping it whole."""
    opened = sqlite3.connect(path, isolation_level=None)
    opened.execute(f"PRAGMA journal_mode = {request.param}")
    opened.execute("CREATE TABLE orders (id INTEGER)")
    yield opened
    opened.close()


def read(path, scratch=None):
    return sqlite.read(path, ASKED, scratch)


def test_what_was_committed_counts_wherever_it_stands(connection, path):
    connection.execute("INSERT INTO orders VALUES (1), (2)")
    before = {item.name: item.read_bytes() for item in sqlite.family(path) if item.exists()}

    assert json.loads(read(path)) == {"orders": 2}
    assert {item.name: item.read_bytes() for item in sqlite.family(path) if item.exists()} == before


def test_what_was_not_committed_does_not(connection, path):
    connection.execute("BEGIN")
    connection.execute("INSERT INTO orders VALUES (1)")

    assert json.loads(read(path)) == {"orders": 0}


def test_a_change_is_seen_by_the_stamp_wherever_it_is_written(connection, path):
    before = sqlite.stamp(path)
    connection.execute("INSERT INTO orders VALUES (1)")

    assert sqlite.stamp(path) != before


def test_a_killed_bot_leaves_what_it_had_committed(path):
    killed = (
        "import os, signal, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA journal_mode = wal'); c.execute('CREATE TABLE orders (id)');"
        "c.execute('INSERT INTO orders VALUES (1)'); c.execute('BEGIN');"
        "c.execute('INSERT INTO orders VALUES (2)'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", killed, str(path)], check=False)

    assert json.loads(read(path)) == {"orders": 1}


@pytest.mark.parametrize("content", [b"not json at all\n", b"SQLite format 3\0" + b"\xff" * 4096])
def test_what_is_no_database_is_no_json_either_and_says_why(path, content):
    path.write_bytes(content)

    assert read(path).startswith(b"no database that can be read: ")
    assert bot_files.json_verdict(read(path)) == "invalid"


def test_a_torn_page_is_found(connection, path):
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO orders VALUES (?)", [(item,) for item in range(5000)])
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\0" * 4096 + whole[12288:])

    assert bot_files.json_verdict(read(path)) == "invalid"


def test_a_database_whose_tables_are_not_made_yet_is_whole_and_tells_nothing(path):
    path.write_bytes(b"")
    assert read(path) == NOTHING_YET
    with sqlite3.connect(path) as opened:
        opened.execute("CREATE TABLE others (id)")
    assert read(path) == NOTHING_YET


@pytest.mark.parametrize(
    "question",
    ["DELETE FROM orders", "PRAGMA user_version = 3", "ATTACH '/etc/passwd' AS p", "SELECT 'three'"],
)
def test_a_question_only_reads_and_is_answered_by_a_number(connection, path, question):
    assert sqlite.read(path, {"orders": question}, None) == NOTHING_YET


def test_a_database_that_would_keep_us_for_ever_is_given_up(connection, path):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    assert sqlite.read(path, {"orders": endless}, None) == NOTHING_YET


def test_copies_lie_in_our_folder_and_are_gone_afterwards(connection, path, tmp_path):
    (tmp_path / "ours").mkdir()
    read(path, tmp_path / "ours")
    assert list((tmp_path / "ours").iterdir()) == []


def test_no_link_is_followed(path, tmp_path):
    (tmp_path / "real.sqlite").write_bytes(b"")
    path.symlink_to("real.sqlite")
    assert (read(path), sqlite.stamp(path)) == (None, None)
    assert read(tmp_path / "nowhere") is None


@pytest.mark.linux
def test_being_written_means_in_a_transaction(connection, path):
    tracked = bot_files.tracked(
        {"state": {"ledger": {"path": path.name, "format": "sqlite"}}}, {"state_dir": str(path.parent)}
    )
    opened = [path.name, f"{path.name}-wal", "other.json"]

    def written():
        return file_content.being_written(opened, path.parent, [1, os.getpid()], tracked)

    assert written() == ["other.json"]
    connection.execute("BEGIN")
    assert written() == ["other.json"]
    connection.execute("INSERT INTO orders VALUES (1)")
    assert written() == opened
    connection.execute("COMMIT")
    assert written() == ["other.json"]
    assert not sqlite.being_written([1], path)


@pytest.mark.parametrize("times", [1, 2])
def test_a_journal_cannot_name_a_file_that_we_then_remove(path, tmp_path, times):
    """SQLite removes a super-journal that no journal names any more, and a bot may write any name: /etc/shadow."""
    with contextlib.closing(sqlite.sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE orders (id INTEGER)")
    (tmp_path / "victim").write_text("root's")
    _super_journal(path, tmp_path / "victim", times)

    assert json.loads(read(path)) == {"orders": 0}
    assert (tmp_path / "victim").read_text() == "root's"


def test_a_journal_whose_super_journal_is_gone_means_nothing(path, tmp_path):
    with contextlib.closing(sqlite.sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE orders (id INTEGER)")
    _super_journal(path, tmp_path / "gone", 1, pages=0)  # would make it empty

    assert json.loads(read(path)) == {"orders": 0}


def _super_journal(path, named, times, pages=2):
    """A hot journal without a page, which ends with the name of a super-journal (pager.c, readSuperJournal)."""
    magic, name = bytes.fromhex("d9d505f920a163d7"), os.fsencode(named)
    header = magic + struct.pack(">IIIII", 0, 1, pages, 512, 4096)
    ending = struct.pack(">I", 2**18 + 1) + name + struct.pack(">II", len(name), sum(name)) + magic
    path.with_name(f"{path.name}-journal").write_bytes(header.ljust(512, b"\0") + ending * times)


def test_a_bot_that_goes_on_while_the_copy_is_asked_is_read(connection, path, monkeypatch):
    queried = sqlite._queried

    def slowly(*arguments):
        connection.execute("INSERT INTO orders VALUES (9)")
        return queried(*arguments)

    monkeypatch.setattr(sqlite, "_queried", slowly)
    assert json.loads(read(path)) == {"orders": 0}


@pytest.mark.parametrize("connection", ["wal"], indirect=True)
def test_a_log_may_grow_while_it_is_copied(connection, path, monkeypatch):
    copied = bot_files.read_regular

    def while_it_writes(*arguments):
        connection.execute("INSERT INTO orders VALUES (9)")
        return copied(*arguments)

    monkeypatch.setattr(bot_files, "read_regular", while_it_writes)
    assert json.loads(read(path))["orders"] > 0
