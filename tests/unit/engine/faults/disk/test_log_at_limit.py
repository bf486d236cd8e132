"""``log_at_limit``: the logs of a running bot reach their limit; what counts is whether the bot rotates them."""

import logging
import os
import shutil
from logging.handlers import RotatingFileHandler
from types import SimpleNamespace

import pytest

from fleet_stress.faults.disk.log_at_limit import LogAtLimit
from fleet_stress.observe.bot_files import Tracked
from tests.unit.engine.faults.conftest import applied, changed, make_site

LIMIT = 20_000


@pytest.fixture
def site(tmp_path):
    errors = Tracked("errors", "log/errors.log", tmp_path / "log/errors.log", "text", (), None)
    return make_site(
        tmp_path,
        bot={"logs": {"errors": {"path": "errors.log", "max_bytes": LIMIT, "backups": 2}}, "exchange": None},
        files={"errors": errors},
    )


@pytest.fixture
def log(site):
    """A bot's log in the way of Python's library, which asks the file for its size before each line."""
    handler = RotatingFileHandler(site.files["errors"].path, maxBytes=LIMIT, backupCount=2)
    yield lambda: handler.emit(logging.LogRecord("bot", logging.INFO, "", 0, "a line", (), None))
    handler.close()


def test_a_rotation_by_the_running_bot_is_a_hit(site, log):
    log()
    fault = applied(LogAtLimit, site, {})
    assert (fault.hits(), fault.cannot_hit()) == (0, None)

    log()

    assert fault.hits() == 1
    proof = fault.prove()
    assert proof.took_effect
    assert len(proof.details["rotated_at"]) == 1
    assert site.files["errors"].path.read_text() == "a line\n"


def test_no_line_of_the_bot_is_torn_or_lost(site, log):
    log()
    applied(LogAtLimit, site, {})
    log()
    older = site.files["errors"].path.with_name("errors.log.1").read_text().splitlines()
    assert older[0] == "a line"
    assert all("fleet-stress line" in line for line in older[1:])


@pytest.mark.parametrize("how", ["cut off after a copy", "removed"])
def test_other_ways_to_rotate_count_too(site, how):
    fault, path = applied(LogAtLimit, site, {}), site.files["errors"].path
    if how == "removed":
        path.unlink()
    else:
        shutil.copy(path, path.with_name("errors.log.1"))
        os.truncate(path, 0)
    assert fault.hits() == 1


@pytest.mark.parametrize("appends", [True, False])
def test_a_bot_that_counts_the_size_of_its_log_itself_has_nothing_to_hit(site, appends):
    path = site.files["errors"].path
    with path.open("a" if appends else "r+" if path.exists() else "w") as stream:
        fault = applied(LogAtLimit, site, {})
        stream.write("a line of the bot\n")
        stream.flush()
        proof = fault.prove()
    assert not proof.took_effect
    assert proof.details["nothing_to_hit"]
    assert "log/errors.log at its limit and did not rotate it" in proof.details["why"]


@pytest.mark.parametrize(("exchange", "nothing"), [(None, True), ({"companion": "exchange"}, None)])
def test_a_bot_that_logs_nothing_proves_nothing_where_its_exchange_could_make_it(site, exchange, nothing):
    fault = applied(LogAtLimit, changed(site, bot={**site.bot, "exchange": exchange}), {})
    proof = fault.prove()
    assert not proof.took_effect
    assert proof.details.get("nothing_to_hit") == nothing
    assert "logged nothing while its log was at its limit" in proof.details["why"]


def test_one_that_has_rotated_before_has_something_to_hit(site, log):
    first = applied(LogAtLimit, site, {})
    log()
    assert first.prove().took_effect
    second = applied(LogAtLimit, site, {})
    assert "nothing_to_hit" not in second.prove().details


@pytest.mark.parametrize("limit", [10**9, LIMIT])
def test_what_would_take_hours_or_the_rest_of_the_disk_is_left_alone(site, limit, monkeypatch):
    free = 10**12 if limit > LIMIT else 600 * 2**20 + LIMIT
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    bot = {**site.bot, "logs": {"errors": {"path": "errors.log", "max_bytes": limit}}}
    fault = applied(LogAtLimit, changed(site, bot=bot, disk_floor=600 * 2**20), {})
    assert fault.cannot_hit() == fault.prove().details["why"]
    assert ("is rotated at 1000000000 bytes" if limit > LIMIT else "has no room") in fault.cannot_hit()
    assert not site.files["errors"].path.exists()


def test_a_bot_without_such_a_log_cannot_meet_it(site):
    with pytest.raises(OSError, match="names no text log with max_bytes"):
        applied(LogAtLimit, changed(site, bot={"logs": {"plain": {"path": "plain.log"}}}), {})
