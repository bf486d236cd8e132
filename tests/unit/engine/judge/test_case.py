"""A case: the readings of stored evidence that several checks share."""

import gzip

import pytest

from fleet_stress.judge.case import TEXT_END, json_valid, stop_signal


def test_a_role_tells_where_its_file_and_its_backup_are_in_the_evidence(story):
    story.bot["state"]["ledger"]["backup"] = "backups/ledger.json"
    story.bot["logs"]["errors"]["path"] = "${bot_dir}/logs/errors.log"
    case = story.case()

    ledger, errors = case.role("ledger"), case.role("errors")

    assert (ledger.key, ledger.backup_key) == ("state/ledger.json", "state/backups/ledger.json")
    assert (ledger.section, ledger.required, ledger.rewritten) == ("state", True, "cycle")
    assert (ledger.format, ledger.never_back) == ("json", ("orders",))
    assert (errors.key, errors.backup_key, errors.section) == ("bot/logs/errors.log", None, "logs")
    assert not case.role("cache").required
    assert (errors.required, errors.rewritten, errors.format) == (True, "never", "text")


def test_an_unknown_role_is_a_key_error_also_inside_of_a_check(story):
    with pytest.raises(KeyError, match="lodger"):
        story.case().role("lodger")
    with pytest.raises(KeyError, match="lodger"):
        story.findings("overwritten", file="lodger")


def test_starts_are_chosen_by_word_or_number(story):
    story.runs()
    for name in ("KILL", "INT"):
        story.starts()
        story.sends(name)
        story.exits()
    story.runs()
    case = story.case()

    def numbers(which):
        return [start["n"] for start in case.chosen_starts(which)]

    assert numbers("last") == [4]
    assert numbers("all") == [1, 2, 3, 4]
    assert numbers("signalled") == [3]
    assert numbers(2) == [2]
    assert numbers(9) == []


def test_the_first_signal_that_asks_to_stop():
    def start(*names):
        return {"signals": [{"signal": name, "at": at} for at, name in enumerate(names)]}

    assert stop_signal(start("HUP", "INT", "TERM")) == {"signal": "INT", "at": 1}
    assert stop_signal(start("KILL")) is None


def test_files_before_and_after_a_start_with_their_content(story):
    story.runs(cycles=1)
    story.runs(cycles=1)
    case = story.case()
    first, second = case.starts

    assert case.before(first) == {}
    assert case.before(second) == case.after(first)
    assert case.content(second["after"], "state/ledger.json") == b'{"orders": 2}'
    assert case.content(second["before"], "state/ledger.json") == b'{"orders": 1}'
    assert case.content(second["after"], "state/nothing.json") is None
    assert case.numbers(second["after"], case.role("ledger")) == {"orders": 2.0}


def test_a_start_that_never_exited_has_nothing_after_it(story):
    start = story.starts()
    story.cycle()
    case = story.case()

    assert case.after(start) == {}
    assert case.content(None, "state/ledger.json") is None
    assert case.numbers(None, case.role("ledger")) == {}


def test_what_was_seen_of_a_file_in_one_start_or_all(story):
    story.runs(cycles=2)
    story.runs(cycles=1)
    case = story.case()

    assert [look["fields"]["orders"] for look in case.seen("state/ledger.json")] == [1, 2, 3]
    assert [look["fields"]["orders"] for look in case.seen("state/ledger.json", 2)] == [3]


def test_a_file_of_which_no_copy_was_kept_is_known_by_a_look_at_the_same_content(story):
    story.starts()
    story.writes("state/ledger.json", {"orders": 7}, kept=False)
    story.exits()
    story.starts()
    story.writes("state/ledger.json", {"orders": 8}, kept=False, seen=False)
    story.writes("state/health.json", "{")
    story.writes("state/cache.json", "", mode="drwxr-xr-x")
    story.exits()
    case = story.case()
    first, second = (start["after"] for start in case.starts)
    ledger = case.role("ledger")

    assert (case.numbers(first, ledger), case.whole(first, ledger.key)) == ({"orders": 7.0}, True)
    assert (case.numbers(second, ledger), case.whole(second, ledger.key)) == ({}, None)
    assert [case.unread(snapshot, ledger.key) for snapshot in (first, second)] == [False, True]
    assert [case.whole(second, f"state/{name}.json") for name in ("health", "cache", "x")] == [False] * 3
    assert not case.unread(second, "state/cache.json")


def test_text_of_the_evidence_is_read_whatever_its_bytes(story):
    story.starts()
    (story.folder / "start-01.err").write_bytes(b"caf\xe9\n")

    assert story.case().text("start-01.err") == "caf\ufffd\n"
    assert story.case().text("start-09.err") == ""


@pytest.mark.parametrize(
    ("data", "valid"), [(b"{}", True), (b"[1]", True), (b"", False), (None, False), (b"\xff", False)]
)
def test_what_is_json(data, valid):
    assert json_valid(data) is valid


class TestWhatALogGained:
    """What a start wrote into a text log, also where only the end was kept, or the log was rotated."""

    @pytest.fixture
    def tail(self, story):
        """``tail(key, 5)``: only the last 5 bytes of it were kept after the last start."""

        def cut(key, count, when="after"):
            name = story.evidence["starts"][-1][when]
            info = story.evidence["snapshots"][name]["files"][key]
            copy = story.folder / name / key
            copy.with_name(copy.name + ".tail").write_bytes(copy.read_bytes()[-count:])
            copy.unlink()
            info.update(kept=False, tail=count)

        return cut

    def gained(self, story, key="log/errors.log"):
        return story.case().gained(story.case().starts[-1], key)

    def run(self, story, before, after, key="log/errors.log"):
        story.writes("log/errors.log", before)
        story.starts()
        story._files[key] = {**story._files["log/errors.log"], "data": after.encode()}
        story.exits()

    def test_a_log_that_goes_on(self, story):
        self.run(story, "old\n", "old\nnew\n")
        assert self.gained(story) == ("new\n", True)

    def test_a_new_one(self, story):
        self.run(story, "old\n", "old\n")
        story.starts()
        story.writes("log/errors.log", "another\n")
        story.exits()
        assert self.gained(story) == ("another\n", True)

    def test_the_end_is_enough_where_it_reaches_back_to_the_start(self, story, tail):
        self.run(story, "long ago\nold\n", "long ago\nold\nnew\n")
        tail("log/errors.log", 6)
        assert self.gained(story) == ("new\n", True)
        assert story.findings("no_traceback") == []

    def test_and_is_not_where_it_does_not(self, story, tail):
        self.run(story, "old\n", "old\nnew and more\n")
        tail("log/errors.log", 5)
        assert self.gained(story) == ("more\n", False)
        [finding] = story.findings("no_traceback")
        assert finding.verdict == "not_exercised"
        assert "only the last 5 bytes were kept of its 17 bytes" in finding.reason

    def test_a_traceback_in_the_end_is_found_once(self, story, tail, traceback):
        traceback = f"Exception in thread T:\n{traceback}"
        self.run(story, "old\n", f"old\n{traceback}")
        tail("log/errors.log", len(traceback))
        [finding] = story.findings("no_traceback")
        assert finding.evidence == ("snapshots/01-after/log/errors.log.tail",)

    def test_one_of_an_earlier_start_is_found_although_the_last_kept_only_an_end(
        self, story, tail, traceback
    ):
        traceback = f"Exception in thread T:\n{traceback}"
        self.run(story, "old\n", f"old\n{traceback}")
        story.starts()
        story._files["log/errors.log"] = {
            **story._files["log/errors.log"],
            "data": f"old\n{traceback}later\n".encode(),
        }
        story.exits()
        tail("log/errors.log", 6)
        [finding] = story.findings("no_traceback")
        assert finding.evidence == ("snapshots/01-after/log/errors.log",)

    def test_what_was_rotated_away_is_still_itself(self, story, tail):
        self.run(story, "old\n", "old\nnew\n", key="log/errors.log.1")
        tail("log/errors.log.1", 5)
        assert self.gained(story, "log/errors.log.1") == ("new\n", True)

    @pytest.mark.parametrize(("copied", "more"), [("old\nnew\n", "new\n"), ("oxd\nnew\n", "oxd\nnew\n")])
    def test_what_was_copied_away_as_well(self, story, copied, more):
        story.writes("log/errors.log", "old\n")
        story.starts()
        story.writes("log/errors.log.1", copied)
        story.exits()
        assert self.gained(story, "log/errors.log.1") == (more, True)


def test_an_output_is_judged_by_its_two_ends_in_little_memory(story):
    """What is not found in them may be in the middle, so it is no finding against the bot."""
    story.runs()
    first = story.evidence["starts"][0]
    with (story.folder / first["stdout"]).open("wb") as output:
        output.write(b"begins\n")
        output.truncate(200 << 20)
        output.seek(200 << 20)
        output.write(b"\nends\n")

    text = story.case().text(first["stdout"])
    assert len(text) < 2 * TEXT_END + 100
    assert text.startswith("begins\n")
    assert text.endswith("\nends\n")
    [finding] = story.findings("no_traceback")
    assert (finding.subject, finding.verdict) == (first["stdout"], "not_exercised")
    assert not story.case().all_read()


def test_what_a_companion_writes_is_not_among_the_bots_files(story):
    story.bot["companions"] = [{"name": "market", "argv": ["m.py", "--log", "${log_dir}/market.log"]}]
    story.starts()
    story.writes("log/market.log", "theirs")
    story.writes("log/market.log.1", "theirs too")
    story.writes("log/mine.log", "its own")
    story.exits()
    case = story.case()
    assert [key for key in case.after(case.starts[0]) if "m" in key.partition("/")[2][:1]] == ["log/mine.log"]


def test_a_compressed_log_is_read_and_what_it_held_before_the_start_is_known(story):
    story.starts()
    story.writes("log/errors.log", "a line of start 1\n")
    story.exits()
    story.starts()
    story.removes("log/errors.log")
    story.writes("log/errors.log.1.gz", gzip.compress(b"a line of start 1\na line of start 2\n"))
    story.exits()
    case = story.case()
    assert case.text_logs(case.starts[1]) == ["log/errors.log.1.gz"]
    assert case.gained(case.starts[1], "log/errors.log.1.gz") == ("a line of start 2\n", True)
