"""``state_saved``: what was seen before a signal has to be on disk when the bot has stopped."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def stopping(story, cycles=3, name="TERM"):
    story.starts()
    for _ in range(cycles):
        story.cycle()
    story.sends(name)
    story.now += 0.1


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_progress_that_is_kept_or_goes_on_passes(story, name):
    stopping(story, name=name)
    story.writes("state/ledger.json", {"orders": 4})
    story.exits()

    assert story.told("state_saved") == []


def test_progress_that_is_lost_by_stopping_fails(story):
    stopping(story)
    story.writes("state/ledger.json", {"orders": 2})
    story.exits()

    [finding] = story.findings("state_saved")

    assert finding.key == ("state_saved", "state/ledger.json:orders")
    assert finding.verdict == FAILED
    assert finding.reason == (
        "state/ledger.json: orders had reached 3 before SIGTERM of start 1 and is 2 after its exit"
    )


@pytest.mark.parametrize("leaves", [None, "", "{}"])
def test_a_file_that_stopping_destroys_fails(story, leaves):
    stopping(story)
    story.removes("state/ledger.json")
    if leaves is not None:
        story.writes("state/ledger.json", leaves)
    story.exits()

    assert story.told("state_saved") == [
        (
            FAILED,
            "state/ledger.json: orders had reached 3 before SIGTERM of start 1 and is gone after its exit",
        )
    ]


def test_each_start_that_was_signalled_is_looked_at(story):
    stopping(story)
    story.writes("state/ledger.json", {"orders": 1})
    story.exits()
    stopping(story)
    story.exits()

    assert [one.subject for one in story.findings("state_saved")] == ["state/ledger.json:orders"]


def test_what_was_reached_after_the_signal_may_be_lost(story):
    stopping(story)
    story.writes("state/ledger.json", {"orders": 8})
    story.writes("state/ledger.json", {"orders": 3})
    story.exits()

    assert story.told("state_saved") == []


def test_a_file_that_nobody_could_read_is_not_taken_for_lost(story):
    stopping(story)
    story.writes("state/ledger.json", {"orders": 9}, kept=False, seen=False)
    story.exits()

    assert story.told("state_saved") == [(NOT_EXERCISED, "state/ledger.json could not be read after start 1")]


def test_a_number_that_was_zero_proves_nothing(story):
    story.total = -1
    stopping(story, cycles=1)
    story.exits()

    assert [verdict for verdict, _ in story.told("state_saved")] == [NOT_EXERCISED]


@pytest.mark.parametrize(("cycles", "name"), [(0, "TERM"), (3, "KILL")])
def test_nothing_reached_or_nothing_asked_proves_nothing(story, cycles, name):
    stopping(story, cycles, name)
    story.exits()

    assert story.told("state_saved") == [
        (
            NOT_EXERCISED,
            "no number that may never go back had risen before the bot was asked to stop",
        )
    ]
