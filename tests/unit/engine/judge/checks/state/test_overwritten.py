"""``overwritten``: after the run that met a corruption something valid stands in its place."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED

BAD = '{"balance": '


def corrupted(story, content=BAD):
    story.runs()
    story.corrupts("ledger", content)
    story.starts()


def test_a_valid_file_in_its_place_passes(story):
    corrupted(story)
    story.cycle()
    story.exits()

    assert story.told("overwritten", file="ledger") == []


def test_the_corruption_that_still_stands_there_fails(story):
    corrupted(story)
    story.cycle(without=["state/ledger.json"])
    story.exits()
    story.runs()  # a later run that puts it right does not make the first one good

    [finding] = story.findings("overwritten", file="ledger")

    assert finding.key == ("overwritten", "state/ledger.json")
    assert finding.verdict == FAILED
    assert finding.reason == "state/ledger.json still holds the corruption after start 2"


def test_a_corruption_of_valid_json_that_still_stands_there_fails(story):
    corrupted(story, "[]")
    story.exits()

    assert len(story.told("overwritten", file="ledger")) == 1


def test_something_else_that_is_no_json_fails(story):
    corrupted(story)
    story.writes("state/ledger.json", "")
    story.exits()

    assert story.told("overwritten", file="ledger") == [
        (FAILED, "state/ledger.json is no valid JSON after start 2")
    ]


@pytest.mark.parametrize("content", [BAD, None])
def test_a_file_that_is_missing_fails(story, content):
    corrupted(story, content)
    if content:
        story.removes("state/ledger.json")
    story.exits()

    assert story.told("overwritten", file="ledger") == [
        (FAILED, "state/ledger.json is missing after start 2")
    ]


def test_a_text_file_needs_no_json(story):
    story.bot["state"]["ledger"]["format"] = "text"
    corrupted(story)
    story.writes("state/ledger.json", "plain")
    story.exits()

    assert story.told("overwritten", file="ledger") == []


def test_a_file_too_large_to_keep_is_judged_by_what_watching_saw(story):
    corrupted(story)
    story.writes("state/ledger.json", {"orders": 9}, kept=False)
    story.exits()
    assert story.told("overwritten", file="ledger") == []


def test_a_file_that_nobody_could_read_proves_nothing(story):
    corrupted(story)
    story.writes("state/ledger.json", {"orders": 9}, kept=False, seen=False)
    story.exits()

    assert story.told("overwritten", file="ledger") == [
        (NOT_EXERCISED, "state/ledger.json could not be read after start 2")
    ]


def test_without_a_corruption_that_was_met_nothing_is_proved(story):
    told = "no corruption of ledger that bit was met by a start of the bot"
    story.runs()
    assert story.told("overwritten", file="ledger") == [(NOT_EXERCISED, told)]

    story.corrupts("ledger", BAD)
    assert story.told("overwritten", file="ledger") == [(NOT_EXERCISED, told)]
