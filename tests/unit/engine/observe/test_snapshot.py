"""Snapshots: all files with what stands in them, copies of the small ones, nothing through a link."""

import contextlib
import json
import os
import sqlite3

import pytest

from fleet_stress.observe import bot_files, snapshot
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.snapshot import Snapshots


@pytest.fixture
def evidence(tmp_path):
    return Evidence(tmp_path / "evidence", "told", "9")


@pytest.fixture
def arena(tmp_path):
    for name in ("state/deep", "log", "bot"):
        (tmp_path / "arena" / name).mkdir(parents=True)
    return tmp_path / "arena"


@pytest.fixture
def snapshots(evidence, arena):
    extra = {"state/ledger.json": arena / "state/ledger.json", "bot/errors.log": arena / "bot/errors.log"}
    return Snapshots(evidence, {"state": arena / "state", "log": arena / "log"}, extra)


def taken(evidence, name):
    return evidence.document["snapshots"][name]["files"]


def test_all_files_of_the_folders_and_those_that_lie_elsewhere(snapshots, evidence, arena, story):
    (arena / "state/ledger.json").write_text("{}")
    (arena / "state/deep/x.json").write_text("[]")
    (arena / "bot/errors.log").write_text("ERROR")
    (arena / "bot/main.py").write_text("not asked for")

    assert snapshots.take("snapshots/01-before") == "snapshots/01-before"

    seen = taken(evidence, "snapshots/01-before")
    assert set(seen) == {"state/ledger.json", "state/deep/x.json", "bot/errors.log"}
    status = (arena / "state/ledger.json").stat()
    assert seen["state/ledger.json"] == {
        "size": 2,
        "mtime": status.st_mtime_ns / 1e9,
        "inode": status.st_ino,
        "uid": os.getuid(),
        "mode": "-rw-r--r--",
        "sha256": bot_files.digest(b"{}"),
        "kept": True,
        "tail": 0,
        "ours": False,
    }
    assert (evidence.folder / "snapshots/01-before/bot/errors.log").read_text() == "ERROR"
    story.writes("state/ledger.json", {})
    story.runs()
    told = story.evidence["snapshots"]["snapshots/01-before"]["files"]["state/ledger.json"]
    assert set(told) == set(seen["state/ledger.json"])


def test_a_copy_is_what_stood_there_then(snapshots, evidence, arena):
    (arena / "state/ledger.json").write_text("first")
    snapshots.take("a")
    (arena / "state/ledger.json").write_text("second")
    snapshots.take("b")

    assert (evidence.folder / "a/state/ledger.json").read_text() == "first"
    assert (evidence.folder / "b/state/ledger.json").read_text() == "second"


def test_equal_contents_take_room_once(snapshots, evidence, arena):
    (arena / "state/ledger.json").write_text("same")
    (arena / "log/copy").write_text("same")
    snapshots.take("a")
    snapshots.take("b")

    copies = ("a/state/ledger.json", "a/log/copy", "b/state/ledger.json", "b/log/copy")
    assert len({(evidence.folder / copy).stat().st_ino for copy in copies}) == 1


def test_a_large_file_is_looked_at_and_not_copied(snapshots, evidence, arena, monkeypatch):
    monkeypatch.setattr(snapshot, "KEEP_LIMIT", 4)
    (arena / "state/four").write_text("four")
    (arena / "state/fives").write_text("fives")
    snapshots.take("a")

    seen = taken(evidence, "a")
    assert [seen[f"state/{name}"]["kept"] for name in ("four", "fives")] == [True, False]
    assert seen["state/fives"]["sha256"] == bot_files.digest(b"fives")
    assert not (evidence.folder / "a/state/fives").exists()


def test_a_link_is_seen_as_a_link_and_not_followed(snapshots, evidence, arena, tmp_path):
    (tmp_path / "secret").write_text("root's")
    (arena / "state/link").symlink_to(tmp_path / "secret")
    (arena / "bot/errors.log").symlink_to("nowhere")
    snapshots.take("a")

    for key in ("state/link", "bot/errors.log"):
        info = taken(evidence, "a")[key]
        assert (info["mode"][0], info["sha256"], info["kept"]) == ("l", None, False)


def test_a_folder_in_a_files_place_and_a_pipe_are_seen(snapshots, evidence, arena):
    (arena / "state/ledger.json").mkdir()
    os.mkfifo(arena / "state/pipe")
    snapshots.take("a")

    seen = taken(evidence, "a")
    assert [seen[f"state/{name}"]["mode"][0] for name in ("ledger.json", "pipe")] == ["d", "p"]
    assert not any(item["kept"] for item in seen.values())


def test_an_empty_arena_has_an_empty_snapshot(snapshots, evidence):
    snapshots.take("a")

    assert taken(evidence, "a") == {}


class TestLargeTextLogs:
    """Of a text log that is too large the end is kept, also of what was rotated away and of one elsewhere."""

    @pytest.fixture
    def large(self, evidence, arena, monkeypatch):
        monkeypatch.setattr(snapshot, "KEEP_LIMIT", 4)
        monkeypatch.setattr(snapshot, "TAIL_BYTES", 6)
        for path in ("log/errors.log", "log/errors.log.1", "log/other.log", "bot/run.log", "bot/run.log.2"):
            (arena / path).write_text(f"0123456789 end of {path}")
        (arena / "bot/run.log.tmp").write_text("not a rotated one")
        snapshots = Snapshots(
            evidence,
            {"log": arena / "log"},
            {"bot/run.log": arena / "bot/run.log"},
            ["log/errors.log", "bot/run.log"],
        )
        snapshots.take("a")
        return taken(evidence, "a")

    def test_the_end_is_kept_and_marked(self, large, evidence):
        assert (large["log/errors.log"]["kept"], large["log/errors.log"]["tail"]) == (False, 6)
        assert (evidence.folder / "a/log/errors.log.tail").read_text() == "rs.log"
        assert (evidence.folder / "a/log/errors.log.1.tail").read_text() == ".log.1"

    def test_after_a_start_all_that_it_gained_is_kept(self, evidence, arena, monkeypatch):
        monkeypatch.setattr(snapshot, "KEEP_LIMIT", 4)
        monkeypatch.setattr(snapshot, "TAIL_BYTES", 6)
        monkeypatch.setattr(snapshot, "GAINED_BYTES", 30)
        log = arena / "log/errors.log"
        snapshots = Snapshots(evidence, {"log": arena / "log"}, {}, ["log/errors.log"])

        def tail_after(text, name):
            snapshots.take("before")
            with log.open("a") as stream:
                stream.write(text)
            snapshots.take(name, since="before")
            return (evidence.folder / name / "log/errors.log.tail").read_text()

        log.write_text("0123456789")
        assert tail_after("all of this, in this start", "a") == "all of this, in this start"
        assert tail_after("x", "b") == "startx"
        assert tail_after("much more than there is room for", "c") == "ch more than there is room for"

    def test_one_elsewhere_is_seen_with_what_was_rotated_away(self, large):
        assert set(large) == {
            "log/errors.log",
            "log/errors.log.1",
            "log/other.log",
            "bot/run.log",
            "bot/run.log.2",
        }
        assert large["bot/run.log.2"]["tail"] == 6

    def test_no_other_file_has_one(self, large):
        assert (large["log/other.log"]["kept"], large["log/other.log"]["tail"]) == (False, 0)

    def test_one_beyond_what_is_read_has_one_too(self, evidence, arena, monkeypatch):
        monkeypatch.setattr(snapshot, "TAIL_BYTES", 6)
        with (arena / "log/errors.log").open("wb") as stream:
            stream.truncate(bot_files.READ_LIMIT + 10)
            stream.write(b"")
            stream.seek(0, 2)
            stream.write(b"last!\n")
        Snapshots(evidence, {"log": arena / "log"}, {}, ["log/errors.log"]).take("a")
        assert taken(evidence, "a")["log/errors.log"]["tail"] == 6
        assert (evidence.folder / "a/log/errors.log.tail").read_bytes() == b"last!\n"


def test_files_of_ours_are_seen_and_not_read(snapshots, evidence, arena):
    (arena / "log/fleet-stress-fill-0001.bin").write_text("ours")
    snapshots.take("a")

    info = taken(evidence, "a")["log/fleet-stress-fill-0001.bin"]
    assert (info["size"], info["sha256"], info["kept"]) == (4, None, False)
    assert not (evidence.folder / "a/log").exists()


def test_a_database_is_looked_into_and_kept_as_it_stands_too(evidence, arena):
    asked = {"orders": "SELECT count(*) FROM orders"}
    bot = {"state": {"ledger": {"path": "trades.sqlite", "format": "sqlite", "numbers": asked}}}
    places = {"state_dir": str(arena / "state"), "log_dir": str(arena / "log"), "bot_dir": str(arena / "bot")}
    databases = bot_files.tracked(bot, places)
    with contextlib.closing(sqlite3.connect(arena / "state/trades.sqlite", isolation_level=None)) as bots:
        bots.execute("PRAGMA journal_mode = wal")
        bots.execute("CREATE TABLE orders (id)")
        bots.execute("INSERT INTO orders VALUES (1)")
        Snapshots(evidence, {"state": arena / "state"}, {}, (), databases).take("a")

    info = taken(evidence, "a")["state/trades.sqlite"]
    kept = evidence.folder / "a/state"
    assert json.loads((kept / "trades.sqlite.read").read_bytes()) == {"orders": 1}
    assert (kept / "trades.sqlite").read_bytes()[:15] == b"SQLite format 3"
    assert (kept / "trades.sqlite-wal").is_file()
    assert (info["kept"], info["read"]) == (True, True)
    assert info["sha256"] == bot_files.digest((kept / "trades.sqlite.read").read_bytes())


def test_a_database_is_looked_into_where_its_folder_is_looked_at(evidence, arena, tmp_path):
    """A folder that is covered is looked at from below: what stands over it may answer nobody any more."""
    bot = {"state": {"ledger": {"path": "trades.sqlite", "format": "sqlite", "numbers": {"two": "SELECT 2"}}}}

    def places(folder):
        return {f"{name}_dir": str(folder / name) for name in ("state", "log", "bot")}

    below = tmp_path / "below"
    (below / "state").mkdir(parents=True)
    sqlite3.connect(below / "state/trades.sqlite").execute("CREATE TABLE orders (id)").connection.close()
    snapshots = Snapshots(evidence, {"state": arena / "state"}, {}, (), bot_files.tracked(bot, places(arena)))

    snapshots.look_at({"state": below / "state"}, {}, bot_files.tracked(bot, places(below)))
    snapshots.take("a")

    kept = evidence.folder / "a/state/trades.sqlite.read"
    assert json.loads(kept.read_bytes()) == {"two": 2}
