"""A disk that takes no more: the last good content stays, the bot says so, counts it and goes on."""

import contextlib
import errno
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest


def private_volumes():
    """Why there can be no small volume of our own in a private mount namespace, or None."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return "needs root and unshare (Linux); the test with RLIMIT_FSIZE stands in for it"
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    done = subprocess.run(command, capture_output=True, check=False)
    return f"no tmpfs here: {done.stderr.decode()}" if done.returncode else None


VOLUME = 'mkdir -p "$0" && mount -t tmpfs -o size=256k none "$0" && exec "$@"'


@pytest.mark.root
def test_a_full_volume(bot, read, wait_until, finish, tmp_path):
    reason = private_volumes()
    if reason:
        pytest.skip(reason)
    volume = tmp_path / "volume"
    process = bot.start(
        wrap=("unshare", "--mount", "sh", "-c", VOLUME, str(volume)),
        STATE_DIR=str(volume / "state"),
        LOG_DIR=str(volume / "log"),
    )
    seen_from_here = Path(f"/proc/{process.pid}/root{volume}")  # its mounts are its own
    bot.state, bot.health = seen_from_here / "state", seen_from_here / "state/engine_health.json"
    ledger, backup = bot.state / "paper_engine_state.json", bot.state / "paper_engine_state.backup.json"
    bot.wait_for_cycle(3)

    filler = seen_from_here / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    at_full = read(ledger)["orders"]
    wait_until(lambda: bot.stderr().count("errors.log cannot be written") > 5)

    assert os.strerror(errno.ENOSPC) in bot.stderr()
    assert read(ledger)["orders"] >= at_full >= 3
    assert read(backup)["orders"] >= at_full - 2
    assert process.poll() is None
    filler.unlink()
    before = bot.cycles()
    bot.wait_for_cycle(before + 3)
    assert read(bot.health)["write_error_count"] > 5
    assert read(ledger)["orders"] >= bot.cycles() - 1, "what was traded meanwhile is not lost"
    assert not list(bot.state.glob("*.tmp"))
    process.terminate()
    assert finish(process) == 0
    assert "Traceback" not in bot.stderr()


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


def test_folders_that_vanish_are_made_again(bot, wait_until, finish):
    process = bot.start()
    bot.wait_for_cycle(2)
    gone = bot.state.with_name("gone")
    bot.state.rename(gone)

    orders = wait_until(lambda: bot.health.exists() and json.loads(bot.ledger.read_text())["orders"])

    assert orders > 2
    process.terminate()
    assert finish(process) == 0
