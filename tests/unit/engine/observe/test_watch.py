"""Watching: every content that stood in a file is remembered, and only new cycles count."""

import contextlib
import json
import os
import sqlite3

import pytest

from fleet_stress.observe import bot_files
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.watch import Watch
from fleet_stress.store.conditions import of_profile
from fleet_stress.system import tree

BOT = {
    "state": {
        "ledger": {"path": "ledger.json", "backup": "old/ledger.json", "never_back": ["orders"]},
        "health": {"path": "health.json"},
    },
    "logs": {"errors": {"path": "errors.log", "format": "text"}},
}


@pytest.fixture
def evidence(tmp_path):
    return Evidence(tmp_path / "evidence", "told", "9")


@pytest.fixture
def watch(tmp_path, evidence):
    (tmp_path / "old").mkdir()
    places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
    counts = {"file": "health", "field": "done.cycles"}
    watch = Watch(evidence, bot_files.tracked(BOT, places), counts, members=lambda: tree.of(os.getpid()))
    watch.begin_start()
    return watch


@pytest.fixture
def start():
    return {"n": 3, "pid": os.getpid(), "cycles": []}


@pytest.fixture
def put(tmp_path):
    """Put a file in its place as a careful bot does: at once, and as a new file."""

    def put(name, content):
        new = tmp_path / f"{name}.new"
        new.write_text(content if isinstance(content, str) else json.dumps(content))
        new.replace(tmp_path / name)

    return put


def seen(evidence):
    return [
        (observation["file"], observation["json"], observation["fields"])
        for observation in evidence.document["observations"]
    ]


def test_every_content_is_seen_once(watch, evidence, start, put):
    put("ledger.json", {"orders": 1})
    watch.poll(start)
    watch.poll(start)
    put("ledger.json", "not json")
    watch.poll(start)

    assert seen(evidence) == [
        ("state/ledger.json", "valid", {"orders": 1.0}),
        ("state/ledger.json", "invalid", {}),
    ]


def test_an_observation_tells_which_content_when_and_in_which_start(
    watch, evidence, start, put, tmp_path, story
):
    put("ledger.json", {"orders": 1})
    watch.poll(start)
    [one] = evidence.document["observations"]
    status = (tmp_path / "ledger.json").stat()

    assert one["sha256"] == bot_files.digest(b'{"orders": 1}')
    assert (one["start"], one["size"], one["inode"]) == (3, status.st_size, status.st_ino)
    assert one["mtime"] == pytest.approx(status.st_mtime, abs=1e-6)
    assert 0 <= one["at"] <= evidence.now()
    story.starts()
    story.writes("state/ledger.json", {})
    assert set(one) == set(story.evidence["observations"][0])


def test_a_backup_of_the_same_name_in_another_folder_is_watched_by_itself(watch, evidence, start, put):
    put("ledger.json", {"orders": 2})
    put("old/ledger.json", "bad")
    watch.poll(start)

    assert seen(evidence) == [
        ("state/ledger.json", "valid", {"orders": 2.0}),
        ("state/old/ledger.json", "invalid", {}),
    ]


def test_what_lay_there_before_the_start_is_not_its_doing(watch, evidence, start, put):
    put("ledger.json", {"orders": 1})
    put("health.json", {"done": {"cycles": 7}})
    watch.begin_start()
    watch.poll(start)

    assert (seen(evidence), start["cycles"], watch.cycles) == ([], [], 0)


def test_cycles_count_when_they_rise_and_polling_may_miss_some(watch, start, put, tmp_path):
    for count in (1, 1, 4):
        put("health.json", {"done": {"cycles": count}})
        watch.poll(start)
    last = (tmp_path / "health.json").stat().st_mtime_ns / 1e9

    assert [cycle["n"] for cycle in start["cycles"]] == [1, 4]
    assert watch.cycles == 4
    assert start["cycles"][-1]["wall"] == last
    assert all(cycle["handles"] > 0 and cycle["processes"] >= 1 for cycle in start["cycles"])


def test_each_start_counts_its_cycles_from_the_beginning(watch, start, put):
    put("health.json", {"done": {"cycles": 5}})
    watch.poll(start)
    watch.begin_start()
    put("health.json", {"done": {"cycles": 1}})
    watch.poll(start)

    assert [cycle["n"] for cycle in start["cycles"]] == [5, 1]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"done": {"cycles": "9"}}',
        '{"done": {"cycles": NaN}}',
        '{"done": {"cycles": Infinity}}',
        '{"done": {"cycles": 1' + "0" * 400 + "}}",
    ],
)
def test_what_is_no_number_is_no_cycle(watch, start, put, content):
    put("health.json", content)
    watch.poll(start)

    assert start["cycles"] == []


def test_only_the_cycle_file_counts_and_only_while_a_start_runs(watch, evidence, start, put):
    put("ledger.json", {"done": {"cycles": 3}})
    watch.poll(start)
    put("health.json", {"done": {"cycles": 3}})
    watch.poll(None)

    assert (start["cycles"], watch.cycles) == ([], 0)
    assert evidence.document["observations"][-1]["start"] is None


def test_a_file_that_goes_and_comes_back_is_seen_again(watch, evidence, start, put, tmp_path):
    put("ledger.json", {"orders": 1})
    watch.poll(start)
    (tmp_path / "ledger.json").rename(tmp_path / "away")
    watch.poll(start)
    (tmp_path / "away").rename(tmp_path / "ledger.json")
    watch.poll(start)

    assert len(seen(evidence)) == 2


def test_links_and_text_logs_are_not_looked_into(watch, evidence, start, put, tmp_path):
    put("secret", {"orders": 9})
    (tmp_path / "ledger.json").symlink_to("secret")
    put("errors.log", "ERROR")
    watch.poll(start)

    assert seen(evidence) == []


def test_what_the_bot_says_of_its_data_is_remembered_of_that_file_alone(evidence, put, start, tmp_path):
    places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
    source = {"file": "health", "field": "feed.from", "live": "live", "mock": "mock"}
    watch = Watch(
        evidence, bot_files.tracked(BOT, places), {"file": "health", "field": "done.cycles"}, source
    )
    watch.begin_start()
    put("health.json", {"feed": {"from": "live"}})
    put("ledger.json", {"feed": {"from": "mock"}})
    watch.poll(start)
    put("health.json", {"feed": {"from": 3}})
    watch.poll(start)
    put("health.json", "{")
    watch.poll(start)
    told = [(observation["file"], observation["source"]) for observation in evidence.document["observations"]]
    assert ("state/health.json", "live") in told
    assert [source for name, source in told if name != "state/health.json"] == [None]
    assert [source for name, source in told if name == "state/health.json"] == ["live", None, None]


def told_by_lines(evidence, tmp_path, file, start):
    places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
    watch = Watch(evidence, bot_files.tracked(BOT, places), {"file": file, "line": "round \\d+ is over"})
    watch.begin_start(start)
    return watch


def test_a_cycle_may_be_a_line_of_a_log(evidence, start, tmp_path):
    (tmp_path / "errors.log").write_text("round 1 is over\n")
    watch = told_by_lines(evidence, tmp_path, "errors", start)
    with (tmp_path / "errors.log").open("a") as log:
        log.write("round 2 is over\nround 3 begins\n")
    watch.poll(start)

    assert [cycle["n"] for cycle in start["cycles"]] == [1]
    assert start["cycles"][0]["wall"] == pytest.approx((tmp_path / "errors.log").stat().st_mtime, abs=1e-6)


def test_a_cycle_may_be_a_line_of_the_starts_own_output(evidence, start, tmp_path):
    start["stderr"] = "start-03.err"
    watch = told_by_lines(evidence, tmp_path, "stderr", start)
    (evidence.folder / "start-03.err").write_text("round 1 is over\nround 2 is over\n")
    watch.poll(start)
    watch.poll(start)

    assert [cycle["n"] for cycle in start["cycles"]] == [2]
    watch.begin_start({**start, "stderr": "start-04.err"})
    assert watch.cycles == 0


def test_a_database_is_watched_with_what_lies_beside_it(evidence, start, tmp_path):
    asked = {"orders": "SELECT count(*) FROM orders"}
    entry = {"path": "trades.sqlite", "format": "sqlite", "numbers": asked, "never_back": ["orders"]}
    bot = {**BOT, "state": {**BOT["state"], "ledger": entry}}
    places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
    watch = Watch(evidence, bot_files.tracked(bot, places), {"file": "health", "field": "done.cycles"})
    watch.begin_start()
    with contextlib.closing(sqlite3.connect(tmp_path / "trades.sqlite", isolation_level=None)) as bots:
        bots.execute("PRAGMA journal_mode = wal")
        bots.execute("CREATE TABLE orders (id)")
        watch.poll(start)
        bots.execute("INSERT INTO orders VALUES (1)")
        watch.poll(start)
        watch.poll(start)
        [first, then] = evidence.document["observations"]

    assert [item["fields"] for item in (first, then)] == [{"orders": 0.0}, {"orders": 1.0}]
    assert (then["file"], then["json"]) == ("state/trades.sqlite", "valid")


def test_a_worker_that_is_started_again_counts_on(watch, start, put):
    for count in (1, 2, 1, 3, 1):
        put("health.json", {"done": {"cycles": count}})
        watch.poll(start)
    assert [cycle["n"] for cycle in start["cycles"]] == [1, 2, 3, 5, 6]


class TestWhatAnEarlierStartHasLeft:
    """A file may change before the first cycle of a start, and then tells of an earlier start's cycles."""

    def test_is_no_cycle_of_this_one(self, watch, start, put):
        put("health.json", {"done": {"cycles": 8}, "at": 1})
        watch.begin_start(start)
        for count, at in [(8, 2), (1, 3), (2, 4)]:  # it saves what it has loaded, then works
            put("health.json", {"done": {"cycles": count}, "at": at})
            watch.poll(start)
        assert [cycle["n"] for cycle in start["cycles"]] == [1, 2]

    def test_one_cycle_may_leave_what_one_cycle_has_left(self, watch, start, put):
        put("health.json", {"done": {"cycles": 1}})
        watch.begin_start(start)
        put("health.json", {"done": {"cycles": 1}})
        watch.poll(start)
        assert [cycle["n"] for cycle in start["cycles"]] == [1]

    @pytest.mark.parametrize(("asked", "seen"), [(8, [8]), (9, []), (None, [])])
    def test_all_cycles_of_a_start_may_have_come_between_two_looks(self, watch, start, put, asked, seen):
        put("health.json", {"done": {"cycles": 8}, "at": 1})
        watch.begin_start(start)
        put("health.json", {"done": {"cycles": 8}, "at": 2})
        watch.poll(start)
        assert start["cycles"] == []
        start.update(settings={"max_cycles": asked}, exit={"code": 0})
        watch.poll(start)
        assert [cycle["n"] for cycle in start["cycles"]] == seen

    def test_to_open_a_database_is_no_cycle(self, evidence, start, tmp_path):
        asked = {"orders": "SELECT count(*) FROM orders", "here": "SELECT here FROM run"}
        bot = {"state": {"ledger": {"path": "trades.sqlite", "format": "sqlite", "numbers": asked}}}
        watch = Watch(
            evidence,
            bot_files.tracked(bot, dict.fromkeys(("state_dir", "log_dir"), str(tmp_path))),
            {"file": "ledger", "field": "here"},
        )
        tables = """
            PRAGMA journal_mode = wal;
            CREATE TABLE IF NOT EXISTS orders (id);
            CREATE TABLE IF NOT EXISTS run (one INTEGER PRIMARY KEY, here);"""
        cycle = "INSERT INTO orders VALUES (1); INSERT OR REPLACE INTO run VALUES (1, 1);"
        for _ in range(2):
            entry = {**start, "cycles": []}
            watch.begin_start(entry)
            with contextlib.closing(sqlite3.connect(tmp_path / "trades.sqlite")) as bots:
                bots.executescript(tables)
                watch.poll(entry)
                assert entry["cycles"] == []
                bots.executescript(cycle)
                watch.poll(entry)
            assert [cycle["n"] for cycle in entry["cycles"]] == [1]


@pytest.fixture
def totals(tmp_path, evidence):
    """A bot that knows only how many cycles all its starts have finished together."""
    (tmp_path / "old").mkdir()
    places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
    cycle = {"file": "health", "field": "total", "counts": "in_total"}
    return Watch(evidence, bot_files.tracked(BOT, places), cycle)


def test_of_totals_the_cycles_of_this_start_count(totals, start, put):
    put("health.json", {"total": 40})
    totals.begin_start(start)
    for total in (41, 42, 44):
        put("health.json", {"total": total})
        totals.poll(start)
    assert [cycle["n"] for cycle in start["cycles"]] == [1, 2, 4]


def test_the_first_start_begins_at_zero(totals, start, put):
    start["n"] = 1
    totals.begin_start(start)
    put("health.json", {"total": 2})
    totals.poll(start)
    assert [cycle["n"] for cycle in start["cycles"]] == [2]


@pytest.mark.parametrize("damaged", ["{", None])
def test_where_the_total_before_is_lost_each_look_is_a_cycle_more(totals, start, put, damaged):
    """The file was corrupt, and the bot continues from a backup whose total nobody asked for."""
    if damaged:
        put("health.json", damaged)
    totals.begin_start(start)
    for total in (39, 40):
        put("health.json", {"total": total})
        totals.poll(start)
    assert [cycle["n"] for cycle in start["cycles"]] == [1, 2]


def test_a_total_that_begins_anew_counts_from_there(totals, start, put):
    put("health.json", {"total": 40})
    totals.begin_start(start)
    for total in (1, 2):
        put("health.json", {"total": total})
        totals.poll(start)
    assert [cycle["n"] for cycle in start["cycles"]] == [1, 2]


class TestInvariants:
    """What a condition says of a file counts when two looks in a row have found the same content."""

    @pytest.fixture
    def watch(self, tmp_path, evidence):
        places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
        conditions = of_profile(
            {"invariants": {"in_credit": "ledger.balance >= 0", "alike": "ledger.orders == health.orders"}}
        )
        cycle = {"file": "health", "field": "done.cycles"}
        watch = Watch(evidence, bot_files.tracked(BOT, places), cycle, None, conditions)
        watch.begin_start()
        return watch

    def told(self, evidence):
        return [
            {name: look["holds"] for name, look in observation.get("invariants", {}).items()}
            for observation in evidence.document["observations"]
        ]

    def test_of_content_that_stays(self, watch, evidence, start, put):
        for balance in (5, -5):
            put("ledger.json", {"balance": balance})
            watch.poll(start)
            watch.poll(start)
        assert self.told(evidence) == [{"in_credit": True}, {"in_credit": False}]
        assert evidence.document["observations"][1]["invariants"]["in_credit"] == {
            "holds": False,
            "values": {"ledger.balance": "-5"},
            "why": "",
        }

    def test_not_of_what_somebody_is_just_writing(self, watch, evidence, start, put):
        put("ledger.json", {"balance": -5})
        watch.poll(start)
        put("ledger.json", {"balance": 5})
        watch.poll(start)
        put("ledger.json", '{"balance": -')
        watch.poll(start)
        watch.poll(start)
        assert self.told(evidence) == [{}, {}, {}]

    def test_not_of_what_another_start_has_left(self, watch, evidence, start, put):
        put("ledger.json", {"balance": -5})
        watch.poll(start)
        watch.begin_start()
        watch.poll(start)
        assert self.told(evidence) == [{}]


class Busy:
    """A command that has said nothing yet."""

    def over(self):
        return False


class TestWhileNothingTellsOfCycles:
    """They are counted by a file that each of them rewrites."""

    @pytest.fixture
    def silenced(self, tmp_path, evidence):
        places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
        cycle = {"file": "stdout", "line": "done"}
        return Watch(evidence, bot_files.tracked(BOT, places), cycle, rewritten="ledger")

    def begin(self, watch, evidence):
        entry = {"n": 1, "pid": os.getpid(), "cycles": [], "stdout": "start-01.out"}
        (evidence.folder / "start-01.out").write_text("")
        watch.begin_start(entry)
        return entry

    def test_a_whole_new_content_is_one(self, silenced, evidence, put, tmp_path):
        silenced.rewrites.silence(True, at_once=False)
        start = self.begin(silenced, evidence)
        put("ledger.json", {"orders": 1})
        silenced.poll(start)
        (tmp_path / "ledger.json").write_text("")
        silenced.poll(start)
        (tmp_path / "ledger.json").write_text('{"orders": 2}')
        silenced.poll(start)
        os.utime(tmp_path / "ledger.json", (1, 1))
        silenced.poll(start)

        assert [cycle["n"] for cycle in start["cycles"]] == [1, 2]
        assert start["counted_by"] == "state/ledger.json"
        assert evidence.document["notes"] == [
            "while nothing tells of its cycles (stdout), they are counted by rewrites of state/ledger.json"
        ]

    def test_a_change_of_what_only_the_bot_can_read_is_one(self, evidence, tmp_path):
        """What is in it is said later, by a command that takes longer than a cycle."""
        places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
        file = {"path": "account.pickle", "format": "bytes", "numbers": ["say", "${file}"]}
        tracked = bot_files.tracked({"state": {"account": file}}, places, ask=lambda *_: Busy())
        watch = Watch(evidence, tracked, {"file": "stdout", "line": "done"}, rewritten="account")
        watch.rewrites.silence(True, at_once=False)
        start = self.begin(watch, evidence)
        for content in (b"\x80one", b"", b"\x80second"):
            (tmp_path / "account.pickle").write_bytes(content)
            watch.poll(start)
        assert [cycle["n"] for cycle in start["cycles"]] == [1, 2]

    def test_the_first_cycle_is_seen_before_a_program_is_started_to_read_a_file(self, evidence, tmp_path):
        """It takes a second on a busy host, and a short start is over by then."""
        places = {name: str(tmp_path) for name in ("state_dir", "log_dir", "bot_dir")}
        file = {"path": "account.pickle", "format": "bytes", "numbers": ["say", "${file}"]}

        def ask_while_three_cycles_pass(*_):
            (evidence.folder / "start-01.out").write_text("done\n" * 4)
            return Busy()

        tracked = bot_files.tracked({"state": {"account": file}}, places, ask=ask_while_three_cycles_pass)
        watch = Watch(evidence, tracked, {"file": "stdout", "line": "done"})
        start = self.begin(watch, evidence)
        (tmp_path / "account.pickle").write_bytes(b"\x80one")
        watch.poll(start)
        (evidence.folder / "start-01.out").write_text("done\n")  # saved first, told then
        watch.poll(start)
        watch.poll(start)
        assert [cycle["n"] for cycle in start["cycles"]] == [1, 4]

    def test_lines_count_again_from_the_next_start_on(self, silenced, evidence, put):
        silenced.rewrites.silence(True, at_once=False)
        start = self.begin(silenced, evidence)
        silenced.rewrites.silence(False, at_once=False)
        put("ledger.json", {"orders": 1})
        (evidence.folder / "start-01.out").write_text("done\n")
        silenced.poll(start)
        assert silenced.cycles == 1

        start = self.begin(silenced, evidence)
        put("ledger.json", {"orders": 2})
        (evidence.folder / "start-01.out").write_text("done\ndone\n")
        silenced.poll(start)
        assert silenced.cycles == 2
        assert "counted_by" not in start

    def test_or_at_once_where_the_bot_has_its_log_back(self, silenced, evidence, put):
        start = self.begin(silenced, evidence)
        silenced.rewrites.silence(True, at_once=True)
        put("ledger.json", {"orders": 1})
        silenced.poll(start)
        silenced.rewrites.silence(False, at_once=True)
        (evidence.folder / "start-01.out").write_text("done\n")
        put("ledger.json", {"orders": 2})
        silenced.poll(start)
        assert silenced.cycles == 2
