"""plugins/filter/engine.py: what was provisioned before and stands need not be provisioned again."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[4] / "plugins/filter/engine.py"
ASKED = {
    "engine": "0f",
    "bot": {"name": "tiny", "overlay": {}, "requirements": {}, "argv": ["x"], "companions": []},
}
BOT = {"content": "c1", "requirements": [], "packages": [], "constraints": [], "leave_out": []}


@pytest.fixture(scope="module")
def engine():
    spec = importlib.util.spec_from_file_location("filter_engine", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def facts(engine):
    """A host on which everything stands."""
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
    found["provisioned"] = {engine.stress_provision_key(found, ASKED, BOT): stamp}
    return found


def stands(engine, facts, asked=ASKED, bot=BOT):
    return engine.stress_stands(facts, engine.stress_provision_key(facts, asked, bot))


def test_what_stands_is_known_from_what_was_written_down(engine, facts):
    assert stands(engine, facts) == {
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
def test_a_host_that_changed_is_provisioned_again(engine, facts, change):
    assert stands(engine, {**facts, **change}) == {}


@pytest.mark.parametrize("stamp", [{"touched": True}, {"bot_copy": ""}, {"engine_python": None}])
def test_a_copy_that_was_changed_or_a_note_that_is_damaged_does_not_count(engine, facts, stamp):
    [(key, written)] = facts["provisioned"].items()
    assert stands(engine, {**facts, "provisioned": {key: {**written, **stamp}}}) == {}


@pytest.mark.parametrize(
    ("asked", "bot"),
    [
        ({**ASKED, "engine": "1a"}, BOT),
        ({**ASKED, "bot": {**ASKED["bot"], "overlay": {".env": "x"}}}, BOT),
        (ASKED, {**BOT, "content": "c2"}),
        (ASKED, {**BOT, "packages": ["numpy<2"]}),
    ],
)
def test_another_engine_or_bot_is_another_thing_to_provision(engine, facts, asked, bot):
    assert stands(engine, facts, asked, bot) == {}


def test_a_bot_that_lies_on_the_host_may_be_another_one_every_time(engine, facts):
    assert engine.stress_provision_key(facts, ASKED, {**BOT, "content": ""}) == ""
    assert engine.stress_stands({**facts, "provisioned": {"": {"touched": False}}}, "") == {}


def test_only_hosts_that_were_used_are_verified(engine):
    seen = {"stress_dir": "/ours", "user": "fleet-stress", "become_now": True}
    hosts = [
        {"inventory_hostname": "a", "stress_facts": seen},
        {"inventory_hostname": "b", "stress_facts": seen, "stress_problem": "its link broke"},
        {"inventory_hostname": "c", "stress_facts": {"failed": True, "lost": True}},
        {"inventory_hostname": "d"},
    ]
    assert engine.stress_hosts_to_verify(hosts) == [
        {
            "name": "a",
            "stress_dir": "/ours",
            "user": "fleet-stress",
            "engine_python": "/ours/engine/current/bin/python",
            "become": True,
        }
    ]
