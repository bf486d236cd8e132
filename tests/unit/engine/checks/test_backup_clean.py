"""``backup_clean``: a corruption that reaches a backup is seen, also when it stood there only for a moment."""

import pytest

from fleet_stress.verdict import FAILED, NOT_EXERCISED

BAD = "not json at all"
OVERWRITTEN = "of state/ledger.json, {}: a good backup was overwritten with it"


def test_a_backup_that_stays_good_passes(story):
    story.runs()
    story.corrupts("ledger", BAD)
    story.starts()
    story.writes("state/ledger.json", {"orders": 1})
    story.cycle()
    story.exits()

    assert story.told("backup_clean", file="ledger") == []


def test_a_corruption_that_passes_through_the_backup_for_a_moment_fails(story):
    story.runs()
    story.corrupts("ledger", BAD)
    story.starts()
    story.writes("state/ledger.backup.json", BAD)
    story.writes("state/ledger.json", {"orders": 1})
    story.cycle()
    story.exits()

    [finding] = story.findings("backup_clean", file="ledger")

    assert finding.key == ("backup_clean", "state/ledger.backup.json")
    assert finding.verdict == FAILED
    assert finding.reason == "state/ledger.backup.json held the corruption " + OVERWRITTEN.format(
        "for a while"
    )


@pytest.mark.parametrize(
    "name", ["state/ledger.backup.json", "state/ledger.json.bak", "state/ledger_backup_3"]
)
def test_a_backup_of_any_name_that_still_holds_the_corruption_fails(story, name):
    story.runs()
    story.corrupts("ledger", BAD)
    story.starts()
    story.writes(name, BAD, seen=False)
    story.exits()

    assert story.told("backup_clean", file="ledger") == [
        (FAILED, f"{name} held the corruption " + OVERWRITTEN.format("and still held it after start 2"))
    ]


def test_the_same_content_before_the_fault_or_in_another_files_backup_is_no_finding(story):
    story.starts()
    story.writes("state/ledger.backup.json", BAD)
    story.cycle()
    story.cycle()
    story.exits()
    story.corrupts("ledger", BAD)
    story.starts()
    story.writes("state/other.backup.json", BAD)
    story.writes("state/ledger.corrupt.json", BAD)
    story.writes("state/ledger.json", {"orders": 1})
    story.cycle()
    story.exits()

    assert story.told("backup_clean", file="ledger") == []


@pytest.mark.parametrize("content", [None, "same"])
def test_a_corruption_without_a_content_of_its_own_proves_nothing(story, content):
    story.starts()
    story.writes("state/ledger.json", "same")
    story.writes("state/ledger.backup.json", "same")
    story.exits()
    story.corrupts("ledger", content)
    story.runs()

    assert story.told("backup_clean", file="ledger") == [
        (
            NOT_EXERCISED,
            "the corruption of ledger put no content there that could be carried into a backup",
        )
    ]


def test_a_corruption_that_no_start_met_proves_nothing(story):
    story.runs()
    story.corrupts("ledger", BAD)

    assert story.told("backup_clean", file="ledger") == [
        (NOT_EXERCISED, "no corruption of ledger that bit was met by a start of the bot")
    ]
