"""``write_failure_told``: silence about a lost write fails; a disk that the bot never met proves nothing."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED
from tests.unit.engine.judge.checks.full_disk import fills, lifts

SAID = "ledger.json could not be saved: [Errno 28] No space left on device\n"


@pytest.fixture
def bot(story):
    """One that has run two cycles, and whose profile says how it tells of a failed write."""
    story.bot["messages"] = {"write_failed": "could not be saved.*No space left on device"}
    story.starts()
    story.cycle()
    story.cycle()
    return story


@pytest.mark.parametrize("where", ["stderr", "stdout", "log"])
def test_a_bot_that_says_so_passes(bot, where):
    fault = fills(bot)
    if where == "log":
        bot.writes("log/errors.log", f"cycle 1\n{SAID}")
    else:
        bot.says(**{"err" if where == "stderr" else "out": SAID})
    lifts(bot, fault)
    bot.exits()
    assert bot.told("write_failure_told") == []


def test_a_bot_that_lost_a_write_in_silence_fails(bot):
    fault = fills(bot)
    bot.says(err="[Errno 28] is a number\nledger.json could not be saved: [Errno 13] Permission denied\n")
    lifts(bot, fault)
    bot.exits()
    [finding] = bot.findings("write_failure_told")
    assert finding.verdict == FAILED
    assert (
        "tried to write 4 times (state/ledger.json.tmp), state/bot_state.json still stands" in finding.reason
    )
    assert finding.evidence == ("start-01.err",)


def test_one_whose_file_was_cut_off_fails_too(bot):
    fault = fills(bot)
    bot.cycle(without=("state/ledger.json",))
    bot.writes("state/ledger.json", '{"orders": ')
    lifts(bot, fault)
    bot.exits()
    [(verdict, reason)] = bot.told("write_failure_told")
    assert verdict == FAILED
    assert "state/ledger.json holds 11 bytes that are no JSON" in reason


def test_a_bot_that_went_on_writing_met_no_full_disk(bot):
    fault = fills(bot)
    bot.cycle()
    lifts(bot, fault)
    bot.exits()
    [(verdict, reason)] = bot.told("write_failure_told")
    assert (verdict, "met no full disk: it tried 4 writes" in reason) == (NOT_EXERCISED, True)


def test_a_bot_that_did_not_try_proves_nothing(bot):
    lifts(bot, fills(bot), tried=0)
    bot.exits()
    [(verdict, _)] = bot.told("write_failure_told")
    assert verdict == NOT_EXERCISED


@pytest.mark.parametrize("fault", [{"bit": False}, {"enospc": False}])
def test_a_disk_that_was_not_full_proves_nothing(bot, fault):
    bot.says(err=SAID)
    lifts(bot, fills(bot, **fault))
    bot.exits()
    [(verdict, reason)] = bot.told("write_failure_told")
    assert verdict == NOT_EXERCISED
    assert "no disk was ever full" in reason


def test_what_another_start_said_is_no_answer(bot):
    bot.says(err=SAID)
    bot.exits()
    bot.starts()
    bot.cycle()
    lifts(bot, fills(bot))
    bot.exits()
    assert [verdict for verdict, _ in bot.told("write_failure_told")] == [FAILED]


def test_what_stood_in_the_log_before_is_no_answer(bot):
    bot.writes("log/errors.log", SAID)
    bot.exits()
    bot.starts()
    lifts(bot, fills(bot))
    bot.exits()
    assert [verdict for verdict, _ in bot.told("write_failure_told")] == [FAILED]


def test_without_a_word_in_the_profile_nobody_knows(story):
    story.runs()
    [(verdict, reason)] = story.told("write_failure_told")
    assert (verdict, "messages.write_failed" in reason) == (NOT_EXERCISED, True)
