"""``logs_present``: required logs lie where the profile says, and are written to as it says."""

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_logs_in_their_place_pass(story):
    story.runs(cycles=3)

    assert story.told("logs_present") == []


def test_a_missing_log_fails(story):
    story.starts()
    story.cycle(without=["log/errors.log"])
    story.writes("bot/logs/errors.log", "here I am")
    story.exits()

    [finding] = story.findings("logs_present")

    assert finding.key == ("logs_present", "log/errors.log")
    assert finding.verdict == FAILED
    assert finding.reason == "log/errors.log is missing after start 1"


def test_a_log_that_is_written_to_no_more_fails(story):
    story.starts()
    story.cycle()
    for _ in range(3):
        story.cycle(without=["log/activity.json"])
    story.exits()

    assert story.told("logs_present") == [
        (
            FAILED,
            "log/activity.json was last rewritten 1.0 s after start 1 began;"
            " of its 4 cycles 3 that were seen ended later",
        )
    ]


def test_a_log_that_is_not_required_may_be_missing(story):
    story.bot["logs"]["errors"]["required"] = False
    story.starts()
    story.cycle(without=["log/errors.log"])
    story.exits()

    assert story.told("logs_present") == []


def test_only_the_last_start_is_looked_at(story):
    story.starts()
    story.cycle(without=["log/errors.log"])
    story.exits()
    story.runs()

    assert story.told("logs_present") == []


def test_a_bot_that_never_ended_proves_nothing(story):
    told = "the bot never ended, so its logs were not looked at"
    assert story.told("logs_present") == [(NOT_EXERCISED, told)]

    story.starts()
    assert story.told("logs_present") == [(NOT_EXERCISED, told)]
