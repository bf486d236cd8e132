"""``good_state_kept``: numbers that stood on a disk when it became full are there while it is, and after."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED
from tests.unit.engine.judge.checks.full_disk import fills, lifts


@pytest.fixture
def bot(story):
    story.starts()
    story.cycle()
    story.cycle()
    return story


def test_old_state_is_good_state(bot):
    lifts(bot, fills(bot))
    bot.cycle()
    bot.exits()
    bot.runs()
    assert bot.told("good_state_kept") == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is no JSON at the end of the full disk (0 bytes)"),
        ('{"orders": ', "is no JSON at the end of the full disk (11 bytes)"),
        ('{"orders": 1}', "orders was 2 before the disk was full and is 1 at the end of the full disk"),
        ("{}", "orders was 2 before the disk was full and is gone at the end of the full disk"),
        (None, "is gone at the end of the full disk"),
    ],
)
def test_what_is_lost_while_it_is_full_fails_even_when_it_comes_back(bot, content, told):
    fault = fills(bot)
    if content is None:
        bot.removes("state/ledger.json")
    else:
        bot.writes("state/ledger.json", content)
    lifts(bot, fault)
    bot.cycle()
    bot.exits()
    [finding] = bot.findings("good_state_kept")
    assert (finding.verdict, finding.subject) == (FAILED, "state/ledger.json")
    assert finding.reason.endswith(told)


@pytest.mark.parametrize("content", ["", '{"orders": 0}'])
def test_what_is_lost_after_it_fails(bot, content):
    lifts(bot, fills(bot))
    bot.writes("state/ledger.json", content)
    bot.exits()
    [(verdict, reason)] = bot.told("good_state_kept")
    assert verdict == FAILED
    assert "after start 1" in reason


def test_a_next_start_that_begins_from_zero_fails(bot):
    lifts(bot, fills(bot))
    bot.exits()
    bot.starts()
    bot.writes("state/ledger.json", {"orders": 1})
    bot.exits()
    [(_, reason)] = bot.told("good_state_kept")
    assert "orders was 2 before the disk was full and is 1 after start 2" in reason


def test_a_file_without_such_numbers_has_to_stay_whole(bot):
    fault = fills(bot)
    bot.writes("state/health.json", "")
    lifts(bot, fault)
    bot.exits()
    assert [one.subject for one in bot.findings("good_state_kept")] == ["state/health.json"]


def test_nothing_to_lose_proves_nothing(story):
    story.starts()
    lifts(story, fills(story))
    story.exits()
    [(verdict, reason)] = story.told("good_state_kept")
    assert (verdict, "nothing to lose" in reason) == (NOT_EXERCISED, True)


def test_a_disk_that_was_not_full_proves_nothing(bot):
    lifts(bot, fills(bot, enospc=False))
    bot.exits()
    assert [verdict for verdict, _ in bot.told("good_state_kept")] == [NOT_EXERCISED]
