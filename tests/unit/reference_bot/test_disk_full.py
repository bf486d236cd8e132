"""Files that may not grow and folders that cannot be made; a full disk is rows 1.4 A to C."""


def test_a_file_that_may_grow_no_further(used_bot, read):
    bot = used_bot
    # 4 blocks of 512 bytes: room for all files but the ledger of ten orders.
    limited = ("sh", "-c", 'ulimit -f 4 && exec "$@"', "sh")

    assert bot.run(cycles=40, wrap=limited, LOG_DIR=str(bot.log / "other")) == 0

    assert "Traceback" not in bot.stderr()
    assert 3 < read(bot.ledger)["orders"] < 40
    assert 3 < read(bot.backup)["orders"] <= read(bot.ledger)["orders"]
    assert read(bot.status)["cycles_total"] == 43
    health = read(bot.health)
    assert (health["cycles_completed"], health["status"]) == (40, "stopped")
    assert health["write_error_count"] > 20
    complaints = (bot.log / "other/errors.log").read_text() + bot.stderr()
    assert "paper_engine_state.json could not be saved, the bot goes on: [Errno 27]" in complaints
    assert "errors.log cannot be written ([Errno 27]" in bot.stderr()
    assert not list(bot.state.glob("*.tmp"))


def test_folders_that_cannot_be_made(bot):
    in_the_way = bot.state.parent / "file"
    in_the_way.write_text("")

    assert bot.run(cycles=2, STATE_DIR=str(in_the_way / "state"), LOG_DIR=str(in_the_way / "log")) == 0

    assert "engine_health.json could not be saved" in bot.stderr()
    assert "Traceback" not in bot.stderr()
