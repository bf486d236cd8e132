"""``continuity``: a bot that begins from zero leaves valid, fresh files; only the numbers tell."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_numbers_that_go_on_pass(story):
    story.runs()
    story.runs(signal="KILL")
    story.runs()

    assert story.told("continuity") == []


def test_beginning_from_zero_fails(story):
    story.runs(cycles=3)
    story.total = 0
    story.runs(cycles=3)

    findings = story.findings("continuity")

    assert [one.key for one in findings] == [
        ("continuity", "state/bot_state.json:cycles_total"),
        ("continuity", "state/ledger.json:orders"),
    ]
    assert {one.verdict for one in findings} == {FAILED}
    assert findings[1].reason == (
        "state/ledger.json: orders was 3 after start 1 and 1 at the first look at start 2"
    )


def test_losing_at_the_end_what_was_there_at_the_beginning_fails(story):
    story.runs(cycles=3)
    story.starts()
    story.cycle()
    story.writes("state/ledger.json", {"orders": 2}, seen=False)
    story.exits()

    assert story.told("continuity") == [
        (FAILED, "state/ledger.json: orders was 3 after start 1 and 2 at the last look at start 2")
    ]


@pytest.mark.parametrize("leaves", ["{}", "not json", None])
def test_a_number_that_is_gone_fails(story, leaves):
    story.runs(cycles=3)
    story.starts()
    story.removes("state/ledger.json")
    if leaves:
        story.writes("state/ledger.json", leaves)
    story.exits()

    assert story.told("continuity") == [
        (FAILED, "state/ledger.json: orders was 3 after start 1 and is gone after start 2")
    ]


def test_only_the_first_time_is_told_and_later_restarts_are_looked_at(story):
    story.runs()
    story.runs()
    story.total = 0
    story.runs()
    story.total = 0
    story.runs(cycles=1)

    [_, (_, reason)] = story.told("continuity")
    assert reason == "state/ledger.json: orders was 4 after start 2 and 1 at the first look at start 3"


def test_a_file_that_the_scenario_took_away_is_left_out(story):
    story.runs(cycles=3)
    story.starts()
    story.writes("state/ledger.json", {"orders": 1})
    story.exits()

    assert story.told("continuity", **{"except": ["ledger"]}) == []
    assert len(story.told("continuity", **{"except": ["status"]})) == 1


def test_a_file_that_was_too_large_to_keep_is_judged_by_what_watching_saw(story):
    story.runs(cycles=3)
    story.starts()
    story.cycle()
    story.writes("state/ledger.json", {"orders": 5, "history": "x"}, kept=False)
    story.exits()
    assert story.told("continuity") == []

    story.starts()
    story.writes("state/ledger.json", {"orders": 4, "history": "x"}, kept=False)
    story.exits()
    assert story.told("continuity") == [
        (FAILED, "state/ledger.json: orders was 5 after start 2 and 4 at the first look at start 3")
    ]


def test_a_file_that_nobody_could_read_is_not_taken_for_lost(story):
    story.runs(cycles=3)
    story.starts()
    story.writes("state/ledger.json", {"orders": 9}, kept=False, seen=False)
    story.exits()

    assert story.told("continuity") == [(NOT_EXERCISED, "state/ledger.json could not be read after start 2")]


def test_nothing_to_lose_proves_nothing(story):
    told = "nothing to lose: no number that may never go back had risen above zero before a restart"
    assert story.told("continuity") == [(NOT_EXERCISED, told)]

    story.runs(cycles=0)
    story.total = -1
    story.runs(cycles=1)
    story.runs(cycles=2)
    assert story.told("continuity") == [(NOT_EXERCISED, told)]


def test_where_the_scenario_takes_everything_away_there_is_nothing_to_say(story):
    story.runs()
    story.runs()

    assert story.told("continuity", **{"except": ["status", "ledger"]}) == []
