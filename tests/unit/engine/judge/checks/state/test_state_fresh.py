"""``state_fresh``: a state file that was written once and never again is valid, and worthless."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_files_rewritten_by_the_last_cycle_pass(story):
    story.runs(cycles=3)
    story.runs(cycles=3)

    assert story.told("state_fresh") == []


def test_a_file_that_a_start_never_touched_fails(story):
    story.runs()
    story.starts()
    for _ in range(3):
        story.cycle(without=["state/ledger.json"])
    story.exits()

    [finding] = story.findings("state_fresh")

    assert finding.key == ("state_fresh", "state/ledger.json")
    assert finding.verdict == FAILED
    assert finding.reason == "state/ledger.json was not rewritten by start 2"


def test_a_file_written_once_at_the_beginning_fails(story):
    story.starts()
    story.cycle()
    for _ in range(4):
        story.cycle(without=["state/bot_state.json"])
    story.exits()

    assert story.told("state_fresh") == [
        (
            FAILED,
            "state/bot_state.json was last rewritten 1.0 s after start 1 began;"
            " of its 5 cycles 4 that were seen ended later",
        )
    ]


def test_the_last_cycle_may_have_been_cut_off_before_it_wrote(story):
    story.starts()
    story.cycle()
    story.cycle()
    story.cycle(without=["state/ledger.json"])
    story.sends("KILL")
    story.exits(signal="KILL")

    assert story.told("state_fresh") == []


def test_the_grain_of_a_kernels_clock_counts_in_the_bots_favour(story):
    def stale_by(seconds):
        start = story.starts()
        story.cycle()
        story.cycle(without=["state/ledger.json"])
        story.cycle(without=["state/ledger.json"])
        start["cycles"][1]["wall"] = start["cycles"][0]["wall"] + seconds
        story.exits()
        return story.told("state_fresh")

    assert stale_by(0.04) == []
    assert len(stale_by(0.06)) == 1


@pytest.mark.parametrize(("when", "findings"), [("before", 1), ("after", 0)])
def test_a_file_that_is_written_at_the_end_has_to_be_written_then(story, when, findings):
    story.starts()
    story.cycle()
    if when == "before":
        story.writes("state/notes.json", {})
    story.cycle()
    if when == "after":
        story.writes("state/notes.json", {})
    story.exits()

    told = [(FAILED, "state/notes.json was not rewritten when start 1 ended")]
    assert story.told("state_fresh") == told[:findings]


def test_a_file_that_changes_now_and_then_has_to_change_once(story):
    story.starts()
    story.writes("state/cache.json", {})
    for _ in range(4):
        story.cycle()
    story.exits()
    assert story.told("state_fresh") == []

    story.runs(cycles=4)
    assert story.told("state_fresh") == [(FAILED, "state/cache.json was not rewritten by start 2")]


def test_a_file_that_the_profile_never_expects_to_be_rewritten_may_be_old(story):
    story.bot["state"]["cache"]["rewritten"] = "never"
    story.writes("state/cache.json", {})
    story.runs(cycles=4)

    assert story.told("state_fresh") == []


def test_a_start_without_a_cycle_proves_nothing(story):
    told = "the last start finished no cycle that was seen"
    assert story.told("state_fresh") == [(NOT_EXERCISED, told)]

    story.runs()
    story.runs(cycles=0)
    assert story.told("state_fresh") == [(NOT_EXERCISED, told)]


def test_one_cycle_cannot_tell_a_fresh_file_from_one_written_once(story):
    story.starts()
    story.cycle()
    story.exits()

    told = story.told("state_fresh")
    assert {verdict for verdict, _ in told} == {NOT_EXERCISED}
    assert told[0][1].startswith("state/bot_state.json: fewer than two cycles were seen")


@pytest.mark.parametrize(("which", "findings"), [({}, 0), ({"start": "all"}, 1)])
def test_a_file_that_is_only_written_at_the_end_is_lost_with_a_kill(story, which, findings):
    story.starts()
    for _ in range(3):
        story.cycle(without=["state/ledger.json"])
    story.sends("KILL")
    story.exits(signal="KILL")
    story.runs(cycles=3)

    told = [(FAILED, "state/ledger.json was not there after start 1, which finished 3 cycles")]
    assert story.told("state_fresh", **which) == told[:findings]


def test_a_file_that_went_stale_before_a_kill_is_told_when_all_starts_are_looked_at(story):
    story.starts()
    story.cycle()
    for _ in range(3):
        story.cycle(without=["state/ledger.json"])
    story.sends("KILL")
    story.exits(signal="KILL")
    story.runs(cycles=3)

    [(verdict, reason)] = story.told("state_fresh", start="all")
    assert verdict == FAILED
    assert reason.startswith("state/ledger.json was last rewritten 1.0 s after start 1 began")
