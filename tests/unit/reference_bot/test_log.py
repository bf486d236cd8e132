"""``errors.log`` is bounded: 10 MB, and five older ones."""

import os

LIMIT = 10 * 1024 * 1024


def test_just_under_its_limit_it_is_rotated(bot):
    bot.log.mkdir()
    bot.errors.write_bytes(b"old\n")
    os.truncate(bot.errors, LIMIT - 30)
    for number in range(1, 6):
        bot.errors.with_name(f"errors.log.{number}").write_text(f"number {number}")

    bot.run_well(cycles=2)

    names = sorted(path.name for path in bot.log.glob("errors.log*"))
    assert names == ["errors.log", *(f"errors.log.{number}" for number in range(1, 6))]
    assert bot.errors.with_name("errors.log.1").read_bytes().startswith(b"old\n")
    assert bot.errors.with_name("errors.log.5").read_text() == "number 4"
    assert 0 < bot.errors.stat().st_size < 10_000


def test_under_its_limit_it_is_gone_on_with(bot):
    bot.log.mkdir()
    bot.errors.write_text("old\n")

    bot.run_well(cycles=1)

    assert bot.complaints().startswith("old\n")
    assert "started after 0 cycles with 0 orders" in bot.complaints()


def test_a_folder_in_its_place_stops_nobody(bot, read):
    bot.errors.mkdir(parents=True)

    assert bot.run(cycles=2) == 0

    assert "errors.log cannot be written" in bot.stderr()
    assert "Traceback" not in bot.stderr()
    assert read(bot.ledger)["orders"] == 2
    assert read(bot.health)["write_error_count"] > 0
