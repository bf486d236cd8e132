"""The environment of the bot is built from nothing: no credential crosses over."""

import os
import re

import pytest

from fleet_stress.scenario.arena import Arena
from fleet_stress.store.layout import MARK_VARIABLE, RunFolder

PROFILE = {
    "python": "/opt/py/bin/python3",
    "environment": {
        "STATE_DIR": "${state_dir}",
        "PLAIN": "p",
        "EXCHANGE": "http://127.0.0.1:${exchange.ready}",
    },
    "exchange": {"companion": "exchange", "https": {"EXCHANGE": "https://127.0.0.1:${exchange.ready}"}},
    "settings": {
        "interval": {"variable": "INTERVAL_SECONDS"},
        "cycles": {"variable": "MAX_CYCLES"},
        "plain": {"variable": "PLAIN"},
    },
}


@pytest.fixture
def arena(tmp_path, user):
    return an_arena(tmp_path, user)


def an_arena(folder, user, *steps):
    run = RunFolder(folder / "runs/r1")
    run.path.mkdir(parents=True)
    scenario = {"id": "told", "row": "9", "steps": steps}
    arena = Arena(run, {"bot": {**PROFILE, "user": user.name}}, scenario)
    arena.places["exchange.ready"] = "8123"
    return arena


def test_it_holds_just_what_a_bot_needs(arena, user, monkeypatch):
    for name in ("AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "PYTHONPATH", "LD_PRELOAD", "MAX_CYCLES"):
        monkeypatch.setenv(name, "crossed over")

    assert arena.environment.of_bot({"interval": 0.5}) == {
        "PATH": "/opt/py/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(arena.folder / "home"),
        "TMPDIR": str(arena.folder / "tmp"),
        "USER": user.name,
        "LOGNAME": user.name,
        "LANG": "C.UTF-8",
        MARK_VARIABLE: arena.mark,
        "STATE_DIR": str(arena.folder / "state"),
        "PLAIN": "p",
        "EXCHANGE": "http://127.0.0.1:8123",
        "INTERVAL_SECONDS": "0.5",
    }
    assert os.environ["MAX_CYCLES"] == "crossed over"
    assert re.fullmatch(r"r1\.[0-9a-f]{6}/told", arena.mark)


@pytest.mark.parametrize(("value", "text"), [(2.0, "2"), (2.5, "2.5"), (3, "3"), ("x", "x")])
def test_a_whole_number_is_written_as_one(arena, value, text):
    assert arena.environment.of_bot({"cycles": value})["MAX_CYCLES"] == text


def test_a_step_says_the_last_word(arena):
    assert arena.environment.of_bot({"plain": "mine"})["PLAIN"] == "mine"


def test_companions_get_nothing_of_the_profiles_own(arena):
    del arena.places["exchange.ready"]

    bare = arena.environment.of_companion()

    assert not set(PROFILE["environment"]) & set(bare)
    assert bare[MARK_VARIABLE] == arena.mark
    with pytest.raises(KeyError, match=r"exchange\.ready"):
        arena.environment.of_bot({})


def test_a_setting_that_the_profile_does_not_know_is_an_error(arena):
    with pytest.raises(KeyError, match="pace"):
        arena.environment.of_bot({"pace": 1})


def test_only_where_a_fault_wants_it_a_bot_is_led_to_its_exchange_by_https(arena, tmp_path, user):
    fault = {"verb": "fault", "args": {"fault": "bad_certificate", "args": {"how": "expired"}}}
    led = an_arena(tmp_path / "led", user, {"verb": "repeat", "args": {"times": 2, "steps": [fault]}})
    assert arena.environment.of_bot({})["EXCHANGE"] == "http://127.0.0.1:8123"
    assert led.environment.of_bot({})["EXCHANGE"] == "https://127.0.0.1:8123"
    assert "EXCHANGE" not in led.environment.of_companion()
