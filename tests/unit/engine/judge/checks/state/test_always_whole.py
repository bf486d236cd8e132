"""``always_whole``: one torn look is one too many."""

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_whole_at_each_look(story):
    story.runs()
    assert story.told("always_whole") == []


def test_torn_for_a_moment(story):
    story.starts()
    story.cycle()
    story.writes("state/ledger.json", '{"orders": ')
    story.cycle()
    story.exits()

    reason = "state/ledger.json was no whole JSON in 1 of 3 looks, first in start 1 with 11 bytes"
    assert story.told("always_whole") == [(FAILED, reason)]


def test_a_log_is_no_state_and_nothing_seen_proves_nothing(story):
    story.starts()
    story.writes("log/activity.json", "torn")
    story.exits()

    [(verdict, _)] = story.told("always_whole")
    assert verdict == NOT_EXERCISED
