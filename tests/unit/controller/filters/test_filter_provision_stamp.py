"""plugins/filter/provision_stamp.py: what is provisioned already need not be provisioned again."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[4] / "plugins/filter/provision_stamp.py"
ASKED = {
    "engine": "0f",
    "bot": {"name": "tiny", "overlay": {}, "requirements": {}, "argv": ["x"], "companions": []},
}
BOT = {"content": "c1", "requirements": [], "packages": [], "constraints": [], "leave_out": []}


@pytest.fixture(scope="module")
def stamps():
    spec = importlib.util.spec_from_file_location("filter_provision_stamp", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def facts(stamps):
    """A host on which everything is provisioned."""
    found = {
        "stress_dir": "/ours",
        "platform": "Linux/x86_64/glibc",
        "python": "3.11.2",
        "python_exe": "/usr/bin/python3",
        "user": "fleet-stress",
        "user_exists": True,
        "as_root": True,
        "engine_current": "e1",
        "engines": ["e0", "e1"],
        "bots": ["tiny-c1"],
        "environments": ["p1"],
        "provisioned": {},
    }
    stamp = {
        "engine_python": "/ours/engine/e1/bin/python",
        "bot_copy": "/ours/bots/tiny-c1",
        "bot_python": "/ours/environments/p1/bin/python",
        "at": "2026-11-24T14:12:00",
        "touched": False,
    }
    found["provisioned"] = {stamps.stress_provision_stamp(found, ASKED, BOT)["key"]: stamp}
    return found


def provisioned(stamps, facts, asked=ASKED, bot=BOT):
    return stamps.stress_provision_stamp(facts, asked, bot)["provisioned"]


def test_what_is_provisioned_is_known_from_the_stamp(stamps, facts):
    assert provisioned(stamps, facts) == {
        "engine_python": "/ours/engine/e1/bin/python",
        "bot_copy": "/ours/bots/tiny-c1",
        "bot_python": "/ours/environments/p1/bin/python",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"engine_current": "e0"},
        {"engines": ["e0"]},
        {"bots": []},
        {"environments": ["p0"]},
        {"user_exists": False},
        {"provisioned": {}},
        {"python": "3.11.3"},
        {"python_exe": "/usr/bin/python3.12"},
        {"platform": "Linux/aarch64/glibc"},
        {"user": "other"},
        {"stress_dir": "/other"},
    ],
)
def test_a_host_that_changed_is_provisioned_again(stamps, facts, change):
    assert provisioned(stamps, {**facts, **change}) == {}


@pytest.mark.parametrize("stamp", [{"touched": True}, {"bot_copy": ""}, {"engine_python": None}])
def test_a_copy_that_was_changed_or_a_stamp_that_is_damaged_does_not_count(stamps, facts, stamp):
    [(key, written)] = facts["provisioned"].items()
    assert provisioned(stamps, {**facts, "provisioned": {key: {**written, **stamp}}}) == {}


@pytest.mark.parametrize(
    ("asked", "bot"),
    [
        ({**ASKED, "engine": "1a"}, BOT),
        ({**ASKED, "bot": {**ASKED["bot"], "overlay": {".env": "x"}}}, BOT),
        (ASKED, {**BOT, "content": "c2"}),
        (ASKED, {**BOT, "packages": ["numpy<2"]}),
    ],
)
def test_another_engine_or_bot_is_another_thing_to_provision(stamps, facts, asked, bot):
    assert provisioned(stamps, facts, asked, bot) == {}


def test_a_bot_that_lies_on_the_host_may_be_another_one_every_time(stamps, facts):
    facts = {**facts, "provisioned": {"": {"touched": False}}}
    stamp = stamps.stress_provision_stamp(facts, ASKED, {**BOT, "content": ""})
    assert stamp == {"key": "", "provisioned": {}}
