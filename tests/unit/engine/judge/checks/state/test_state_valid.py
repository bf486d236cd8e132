"""``state_valid``: "valid or missing" would pass a bot that never writes its state; this does not."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_whole_files_pass_and_those_that_are_not_required_may_be_missing(story):
    story.runs()

    assert story.told("state_valid") == []


def test_a_missing_file_fails(story):
    story.runs()
    story.starts()
    story.removes("state/ledger.json")
    story.exits()

    [finding] = story.findings("state_valid")

    assert finding.key == ("state_valid", "state/ledger.json")
    assert finding.verdict == FAILED
    assert finding.reason == "state/ledger.json is missing after start 2"
    assert finding.evidence == ("snapshots/02-after/state/ledger.json",)


@pytest.mark.parametrize("role", ["ledger", "notes"])
@pytest.mark.parametrize("content", ["", '{"orders": 4', b"\xff\xfe"])
def test_a_file_that_is_no_json_fails_whether_it_is_required_or_not(story, role, content):
    story.starts()
    story.cycle()
    story.writes(f"state/{role}.json", content)
    story.exits()

    assert story.told("state_valid") == [
        (FAILED, f"state/{role}.json is no valid JSON after start 1 ({len(content)} bytes)")
    ]


@pytest.mark.parametrize("mode", ["drwxr-xr-x", "lrwxrwxrwx", "prw-r--r--"])
def test_something_else_in_a_files_place_fails(story, mode):
    story.starts()
    story.cycle()
    story.writes("state/ledger.json", "x", mode=mode)
    story.exits()

    assert story.told("state_valid") == [
        (FAILED, f"state/ledger.json is no regular file after start 1 ({mode})")
    ]


def test_only_the_last_start_is_looked_at(story):
    story.starts()
    story.writes("state/ledger.json", "{")
    story.exits()
    story.runs()

    assert story.told("state_valid") == []


def test_a_text_file_needs_no_json(story):
    story.bot["state"]["notes"]["format"] = "text"
    story.starts()
    story.cycle()
    story.writes("state/notes.json", "plain")
    story.exits()

    assert story.told("state_valid") == []


@pytest.mark.parametrize(("content", "count"), [('{"orders": 9}', 0), ('{"orders": ', 1)])
def test_a_file_too_large_to_keep_is_judged_by_what_watching_saw(story, content, count):
    story.starts()
    story.cycle()
    story.writes("state/ledger.json", content, kept=False)
    story.exits()

    assert [verdict for verdict, _ in story.told("state_valid")] == [FAILED] * count


def test_a_file_that_nobody_could_read_proves_nothing(story):
    story.starts()
    story.cycle()
    story.writes("state/ledger.json", {"orders": 9}, kept=False, seen=False)
    story.exits()

    assert story.told("state_valid") == [
        (NOT_EXERCISED, "state/ledger.json could not be read after start 1 (13 bytes)")
    ]


def test_a_bot_that_never_ended_proves_nothing(story):
    told = "the bot never ended, so its state was not looked at"
    assert story.told("state_valid") == [(NOT_EXERCISED, told)]

    story.starts()
    assert story.told("state_valid") == [(NOT_EXERCISED, told)]


def database(story, holds):
    """The ledger is a database, read as this."""
    asked = {"orders": "SELECT count(*) FROM orders"}
    story.bot["state"]["ledger"] |= {"path": "ledger.sqlite", "format": "sqlite", "numbers": asked}
    story.starts()
    story.cycle()
    story.writes("state/ledger.sqlite", holds)
    story.exits()


def test_a_database_that_tells_its_numbers_passes(story):
    database(story, {"orders": 3})

    assert story.told("state_valid") == []


def test_one_that_is_whole_and_tells_none_fails(story):
    database(story, {"orders": None})

    assert story.told("state_valid") == [(FAILED, "state/ledger.sqlite has no orders in it after start 1")]


def test_one_that_cannot_be_read_fails(story):
    database(story, "no database that can be read: file is not a database")

    [(verdict, reason)] = story.told("state_valid")

    assert verdict == FAILED
    assert reason.startswith("state/ledger.sqlite is no valid database after start 1")
