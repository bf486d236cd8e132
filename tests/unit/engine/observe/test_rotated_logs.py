"""A log that was rotated away is still that log, whatever its name is now."""

import bz2
import gzip
import lzma

import pytest

from fleet_stress.observe import rotated_logs
from fleet_stress.observe.rotated_logs import LogFamilies, unpacked


@pytest.mark.parametrize(
    "name",
    [
        *("bot.log.1", "bot.log.12", "bot.log.1.gz", "bot.log.old", "bot.log.gz"),
        *("bot.log.2026-11-30", "bot.log-20261130", "bot.log.2026-11-30_10-20", "bot-20261130-0001.log"),
        *("bot.2026-11-30_10-20-11_123456.log", "bot.2026-11-30_10-20-11_123456.log.zip"),
    ],
)
def test_by_number_by_date_or_compressed(name):
    assert LogFamilies(["log/bot.log"]).of(f"log/{name}") == "log/bot.log"


@pytest.mark.parametrize(
    "name", ["bot.log.tmp", "bot-errors.log", "robot.log.1", "deep/bot.log.1", "bot.json"]
)
def test_others_are_not(name):
    assert LogFamilies(["log/bot.log"]).of(f"log/{name}") == f"log/{name}"


def test_a_log_of_its_own_is_no_rotated_one():
    logs = LogFamilies(["log/bot.log", "log/bot-2.log"])
    assert (logs.of("log/bot-2.log"), logs.of("log/bot-2.log.1")) == ("log/bot-2.log", "log/bot-2.log")


def test_the_profile_has_the_first_word():
    logs = LogFamilies({"log/bot.log": ["old/b*.txt"], "log/other.log": ()})
    assert logs.of("log/old/b7.txt") == "log/bot.log"
    assert not logs.holds("log/old/c7.txt")
    assert not logs.holds("state/old/b7.txt")


@pytest.mark.parametrize(
    ("name", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_what_is_compressed_is_read_and_never_more_than_a_limit(name, pack, monkeypatch):
    assert unpacked(f"log/bot.log.1.{name}", pack(b"order 1\n" * 20_000)) == b"order 1\n" * 20_000
    monkeypatch.setattr(rotated_logs, "UNPACKED_LIMIT", 1000)
    assert len(unpacked(f"log/bot.log.1.{name}", pack(bytes(10_000_000)))) == 1000


@pytest.mark.parametrize("name", ["gz", "bz2", "xz", "zst"])
def test_what_is_not_what_its_name_says_is_nothing(name):
    assert unpacked(f"log/bot.log.1.{name}", b"plain text, no header") is None


def test_half_a_compressed_log_is_read_up_to_there():
    whole = gzip.compress(b"".join(b"order %d\n" % number for number in range(50_000)))
    assert unpacked("log/bot.log.1.gz", whole[: len(whole) // 2]).startswith(b"order 0\norder 1\n")
