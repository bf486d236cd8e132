"""``bounded_size``: logs within the profile's limits, and a log folder that does not swell."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


@pytest.fixture
def bot(story):
    story.bot["logs"]["errors"].update(max_bytes=1000, backups=2)
    story.starts()
    story.cycle()
    return story


def holds(bot, **sizes):
    for name, size in sizes.items():
        bot.writes(f"log/{name.replace('__', '.')}", "x" * size)


def test_logs_within_their_limits_pass(bot):
    holds(bot, errors__log=900, errors__log__1=1000, errors__log__2=1010)
    bot.exits()
    assert bot.told("bounded_size", slack="10B") == []


@pytest.mark.parametrize("name", ["errors__log", "errors__log__2"])
def test_one_beyond_its_limit_fails(bot, name):
    holds(bot, **{name: 1011})
    bot.exits()
    [(verdict, reason)] = bot.told("bounded_size", slack="10B")
    assert verdict == FAILED
    assert reason == f"log/{name.replace('__', '.')} has 1011 bytes after start 1, more than its 1000"


def test_more_rotated_files_than_the_profile_names_fail(bot):
    holds(bot, errors__log__1=1, errors__log__2=1, errors__log__3=1)
    bot.exits()
    [(verdict, reason)] = bot.told("bounded_size")
    assert (verdict, reason.startswith("3 rotated files")) == (FAILED, True)


def test_a_folder_that_swells_fails_and_files_of_ours_do_not_count(bot):
    bot.writes("log/fleet-stress-fill-0001.bin", "x" * 5000, seen=False)
    holds(bot, debug__log=900)
    bot.exits()
    assert bot.told("bounded_size", growth="1KB") == []
    bot.starts()
    holds(bot, debug__log=900, other__log=2000)
    bot.exits()
    [(verdict, reason)] = bot.told("bounded_size", growth="1KB")
    assert verdict == FAILED
    assert reason == "the log folder grew by 2.0 KB in start 2, more than 1.0 KB"


def test_no_log_with_a_limit_proves_nothing(story):
    story.runs()
    assert [verdict for verdict, _ in story.told("bounded_size")] == [NOT_EXERCISED]


def test_a_bot_that_never_ended_proves_nothing(bot):
    assert [verdict for verdict, _ in bot.told("bounded_size")] == [NOT_EXERCISED]
