"""A host that could not be reached is told apart from one that has a problem, whichever task met it."""

import importlib.util
from pathlib import Path

import pytest
import yaml

FILE = Path(__file__).parents[4] / "plugins/filter/fleet.py"
UNREACHABLE = {"unreachable": True, "msg": "Failed to connect\r\nvia ssh: no route"}
LOOPED = {"results": [{"changed": True}, {"item": 2, **UNREACHABLE}]}
OURS = {"failed": True, "lost": True, "msg": "h1 could not be reached any more: for 3 s it has not answered."}
FAILED = {"failed": True, "msg": "no such user"}


@pytest.fixture(scope="module")
def fleet():
    spec = importlib.util.spec_from_file_location("filter_fleet", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("result", "steps", "lost"),
    [
        (OURS, [], True),
        (UNREACHABLE, [], True),
        (FAILED, [{}, UNREACHABLE], True),
        (FAILED, [LOOPED], True),
        (FAILED, [{}, {"changed": True}, {"results": [{"changed": False}]}, None], False),
        ("nonsense", ["nonsense"], False),
    ],
)
def test_whether_a_host_was_lost(fleet, result, steps, lost):
    assert fleet.stress_lost(result, steps) is lost


def test_the_reason_is_the_link_and_not_what_followed_from_it(fleet):
    follows = {"failed": True, "msg": "object of type 'dict' has no attribute 'interpreter'"}
    told = fleet.stress_why(follows, "h1", [{}, LOOPED])
    assert told.startswith(
        "h1 could not be reached any more: Failed to connect via ssh: no route. Check its address"
    )


def test_what_is_a_sentence_already_stays_one(fleet):
    assert fleet.stress_why(OURS, "h1", [OURS]) == OURS["msg"]
    assert fleet.stress_why(FAILED, "h1", [{}]) == "no such user"
    assert fleet.stress_why({"rc": 3}, "h1") == "{'rc': 3}"


def test_no_host_is_a_hole(fleet):
    hosts = [
        {"inventory_hostname": "well"},
        {"inventory_hostname": "forbidden", "stress_problem": "not allowed", "stress_unreachable": False},
        {"inventory_hostname": "gone", "stress_problem": OURS["msg"], "stress_unreachable": True},
        {"inventory_hostname": "gone_late", "stress_recovered": UNREACHABLE},
    ]
    told = fleet.stress_troubles(hosts)
    assert sorted(told["problems"]) == ["forbidden", "gone", "gone_late"]
    assert told["unreachable"] == ["gone", "gone_late"]
    assert "no route" in told["problems"]["gone_late"]


def test_only_hosts_that_were_used_are_verified(fleet):
    seen = {"stress_dir": "/ours", "user": "fleet-stress", "become_now": True}
    hosts = [
        {"inventory_hostname": "a", "stress_facts": seen},
        {"inventory_hostname": "b", "stress_facts": seen, "stress_problem": "its link broke"},
        {"inventory_hostname": "c", "stress_facts": {"failed": True, "lost": True}},
        {"inventory_hostname": "d"},
    ]
    assert fleet.stress_hosts_to_verify(hosts) == [
        {
            "name": "a",
            "stress_dir": "/ours",
            "user": "fleet-stress",
            "engine_python": "/ours/engine/current/bin/python",
            "become": True,
        }
    ]


def test_every_task_of_a_role_that_goes_to_a_host_is_asked(fleet):
    root = FILE.parents[2]
    asked = yaml.safe_load((root / "roles/settings/vars/main/found.yml").read_text())["stress_step_names"]
    registered = set()
    for path in (
        "preflight/tasks/look",
        "engine/tasks/main",
        "engine/tasks/place",
        "bot/tasks/main",
        "linux_faults/tasks/main",
    ):
        registered |= set(_registered(yaml.safe_load((root / f"roles/{path}.yml").read_text())))
    assert set(asked) == registered - {"stress_wheels"}, "stress_wheels goes to no host"


def _registered(tasks):
    for task in tasks:
        if "register" in task:
            yield task["register"]
        for part in ("block", "rescue"):
            yield from _registered(task.get(part, []))
