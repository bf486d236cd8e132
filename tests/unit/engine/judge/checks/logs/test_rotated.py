"""``rotated``: the newest line of ours has to stand in a rotated file."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED

LINE = "fleet-stress line 00000009 "
GROWN = f"INFO fleet-stress line 00000008 ...\nINFO {LINE}...\n"


@pytest.fixture
def bot(story):
    """One whose log has grown to 20 bytes under its limit, and that is started then."""
    story.bot["logs"]["errors"].update(max_bytes=len(GROWN) + 20, backups=2)
    story.writes("log/errors.log", GROWN)
    told = {
        "role": "errors",
        "key": "log/errors.log",
        "limit": len(GROWN) + 20,
        "before": 0,
        "last_line": LINE,
    }
    proof = {"logs": [{**told, "size": len(GROWN), "inode": story._files["log/errors.log"]["inode"]}]}
    fault = {"fault": "grown_log", "args": {}, "at": 0.5, "start": None, "applied": True, "bit": True}
    story.evidence["faults"].append({**fault, "lifted_at": 0.5, "proof": proof})
    story.starts()
    return story


def rotates(story, content=GROWN, number=1):
    story._files[f"log/errors.log.{number}"] = {**story._files["log/errors.log"], "data": content.encode()}
    story.writes("log/errors.log", "started\n")


def test_a_log_that_was_rotated_whole_passes(bot):
    rotates(bot)
    bot.exits()
    assert bot.told("rotated") == []


def test_twice_is_as_well(bot):
    rotates(bot, number=2)
    bot.writes("log/errors.log.1", "much\n")
    bot.exits()
    assert bot.told("rotated") == []


def test_what_is_in_no_rotated_file_was_lost(bot):
    rotates(bot, GROWN.splitlines()[0])
    bot.exits()
    [finding] = bot.findings("rotated")
    assert (finding.verdict, finding.subject) == (FAILED, "log/errors.log")
    assert "line 00000009” stood in it before start 1, is in none of 1 rotated files" in finding.reason


def test_a_log_that_was_begun_anew_lost_its_lines(bot):
    bot.writes("log/errors.log", "started\n")
    bot.exits()
    [(verdict, reason)] = bot.told("rotated")
    assert (verdict, reason.endswith("is in none and nothing was rotated")) == (FAILED, True)


def test_a_log_that_grew_on_fails(bot):
    bot.writes("log/errors.log", GROWN + "x" * 21)
    bot.exits()
    [(verdict, reason)] = bot.told("rotated")
    assert (verdict, "was not rotated" in reason) == (FAILED, True)


@pytest.mark.parametrize("more", ["", "x" * 20])
def test_a_log_that_has_not_come_to_its_limit_proves_nothing(bot, more):
    if more:
        bot.writes("log/errors.log", GROWN + more)
    bot.exits()
    assert [verdict for verdict, _ in bot.told("rotated")] == [NOT_EXERCISED]


def test_without_a_grown_log_nothing_is_proved(story):
    story.runs()
    assert [verdict for verdict, _ in story.told("rotated")] == [NOT_EXERCISED]
