"""The bot runs on every Python from 3.9 on, without a warning: each one that this machine has is tried."""

import re
import subprocess
from pathlib import Path

import pytest


def pythons():
    """One interpreter of each minor version from 3.9 on, wherever people keep them."""
    folders = [Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin")]
    folders += sorted((Path.home() / ".pyenv/versions").glob("*/bin"))
    found = {}
    for folder in folders:
        for candidate in folder.glob("python3.*"):
            version = re.fullmatch(r"python3\.(\d+)", candidate.name)
            if version and int(version[1]) >= 9:
                found.setdefault(int(version[1]), candidate)
    return [path for _, path in sorted(found.items())]


def test_this_machine_has_one():
    assert pythons()


@pytest.mark.parametrize("python", pythons(), ids=lambda path: path.name)
def test_the_bot_runs_on_it(bot, stub, read, python):
    replaced = ("/bin/sh", "-c", f'shift; exec {python} "$@"', "sh")

    bot.run_well(cycles=3, wrap=replaced, EXCHANGE_URL=stub.url)

    assert read(bot.ledger)["orders"] == 3
    assert read(bot.health)["data_source"] == "live"
    assert read(bot.health)["write_error_count"] == 0


@pytest.mark.parametrize("python", pythons(), ids=lambda path: path.name)
def test_its_dashboard_runs_on_it(python):
    program = "from dashboard.app import create_app as c; print(c().test_client().get('/').status_code)"
    folder = Path(__file__).parents[3] / "reference_bot"
    command = [python, "-S", "-B", "-W", "error", "-c", program]

    assert subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout == b"404\n"
