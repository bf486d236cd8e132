"""``backup_used``: what the good backup held is the least that the bot may go on from."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED

BAD = "not json at all"


def corrupted(story, orders=3.0):
    story.runs(cycles=4)
    story.corrupts("ledger", BAD, backup_fields={"orders": orders})
    story.starts()


def test_going_on_from_the_backup_passes(story):
    corrupted(story)
    story.writes("state/ledger.json", {"orders": 3})
    story.cycle()
    story.exits()

    assert story.told("backup_used", file="ledger") == []


def test_beginning_from_zero_fails(story):
    corrupted(story)
    story.total = 0
    story.cycle()
    story.exits()

    [finding] = story.findings("backup_used", file="ledger")

    assert finding.key == ("backup_used", "state/ledger.json:orders")
    assert finding.verdict == FAILED
    assert finding.reason == "state/ledger.json: orders was 3 in the good backup and fell to 1 in start 2"


def test_a_dip_that_was_only_seen_while_watching_fails(story):
    corrupted(story)
    story.writes("state/ledger.json", {"orders": 2})
    story.cycle()
    story.exits()

    [(verdict, reason)] = story.told("backup_used", file="ledger")
    assert verdict == FAILED
    assert "fell to 2" in reason


def test_a_loss_at_the_end_that_watching_missed_fails(story):
    corrupted(story)
    story.cycle()
    story.writes("state/ledger.json", {"orders": 1}, seen=False)
    story.exits()

    [(_, reason)] = story.told("backup_used", file="ledger")
    assert "fell to 1" in reason


@pytest.mark.parametrize("leaves", [BAD, "{}"])
def test_a_number_that_never_comes_back_fails(story, leaves):
    corrupted(story)
    story.writes("state/ledger.json", leaves)
    story.exits()

    assert story.told("backup_used", file="ledger") == [
        (FAILED, "state/ledger.json: orders was 3 in the good backup and is gone in start 2")
    ]


def test_a_file_too_large_to_be_read_is_not_taken_for_lost(story):
    corrupted(story)
    story.writes("state/ledger.json", {"orders": 3, "padding": "x"}, kept=False, seen=False)
    story.exits()

    assert story.told("backup_used", file="ledger") == [
        (NOT_EXERCISED, "state/ledger.json could not be read after start 2")
    ]


def test_a_backup_with_nothing_in_it_proves_nothing(story):
    corrupted(story, orders=0.0)
    story.cycle()
    story.exits()

    assert story.told("backup_used", file="ledger") == [
        (NOT_EXERCISED, "the backup held nothing that could be lost")
    ]


@pytest.mark.parametrize(("bit", "role"), [(False, "ledger"), (True, "status")])
def test_a_corruption_that_did_not_bite_or_was_another_files_proves_nothing(story, bit, role):
    story.runs()
    story.corrupts(role, BAD, bit=bit, backup_fields={"orders": 3.0})
    story.runs()

    assert story.told("backup_used", file="ledger") == [
        (NOT_EXERCISED, "no corruption of ledger that bit was met by a start of the bot")
    ]
