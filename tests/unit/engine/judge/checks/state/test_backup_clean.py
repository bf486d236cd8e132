"""``backup_clean``: a corruption that reaches a backup is seen, also when it stood there only for a moment."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED

BAD = "not json at all"
GOOD = {"orders": 1}


def test_a_backup_that_stays_good_passes(story):
    story.runs()
    story.corrupts("ledger", BAD)
    story.starts()
    story.writes("state/ledger.json", {"orders": 1})
    story.cycle()
    story.exits()

    assert story.told("backup_clean", file="ledger") == []


def test_a_corruption_that_passes_through_a_good_backup_for_a_moment_fails(story):
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
    assert finding.reason == (
        "state/ledger.backup.json held the corruption of state/ledger.json for a while:"
        " a good backup was overwritten with it"
    )


def test_it_may_pass_through_where_no_good_backup_was(story):
    story.runs()
    story.removes("state/ledger.backup.json")
    story.corrupts("ledger", BAD)
    story.starts()
    story.writes("state/ledger.backup.json", BAD)
    story.writes("state/ledger.backup.json", GOOD)
    story.exits()

    assert story.told("backup_clean", file="ledger") == []


def test_a_backup_that_is_just_being_written_is_empty_for_a_moment(story):
    story.runs()
    story.corrupts("ledger", "")
    story.starts()
    story.writes("state/ledger.backup.json", "")
    story.writes("state/ledger.backup.json", GOOD)
    story.exits()

    assert story.told("backup_clean", file="ledger") == []


def test_a_good_backup_that_stays_overwritten_fails(story):
    story.runs()
    story.corrupts("ledger", BAD)
    story.starts()
    story.writes("state/ledger.backup.json", BAD)
    story.exits()

    assert story.told("backup_clean", file="ledger") == [
        (
            FAILED,
            "state/ledger.backup.json still held the corruption of state/ledger.json after start 2:"
            " a good backup was overwritten with it",
        )
    ]


@pytest.mark.parametrize(
    "name", ["state/ledger.backup.json", "state/ledger.json.bak", "state/ledger_backup_3"]
)
def test_a_backup_of_any_name_that_still_holds_the_corruption_fails(story, name):
    story.runs()
    story.removes("state/ledger.backup.json")
    story.corrupts("ledger", BAD)
    story.starts()
    story.writes(name, BAD, seen=False)
    story.exits()

    assert story.told("backup_clean", file="ledger") == [
        (
            FAILED,
            f"{name} still held the corruption of state/ledger.json after start 2:"
            " what is left as a backup is a copy of it",
        )
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


def test_a_backup_that_the_scenario_took_away_was_no_good_backup(story):
    story.runs()
    story.corrupts("ledger", BAD)
    story.evidence["faults"][0]["args"]["backup"] = "remove"
    story.starts()
    story.writes("state/ledger.backup.json", BAD)
    story.writes("state/ledger.backup.json", GOOD)
    story.exits()

    assert story.told("backup_clean", file="ledger") == []
