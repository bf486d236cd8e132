"""What hosts can do of a plan: their engines' answers, and what a person is told of them."""

import json

import pytest
from fleet_controller.messages.text import in_one_line
from fleet_controller.report.capabilities_table import answers, read_answer
from fleet_controller.report.listing import hosts

FULL = {"reason": "no root", "enable": "run as root"}


@pytest.fixture
def plan(catalogue):
    catalogue.scenario()
    return catalogue.plan()


def lines(answered):
    return [in_one_line(line, 400) for line in hosts(answered, width=200).splitlines()]


def can(*names, cannot=(), seconds=95.0):
    return {"can": list(names), "cannot": list(cannot), "seconds": seconds}


def cannot(scenario, row="4.3A", **more):
    return {"scenario": scenario, "row": row, **FULL, **more}


def test_an_answer_tells_what_can_be_run_for_how_long_and_what_not(plan):
    read = read_answer(json.dumps({"restart": FULL}), plan)

    assert read["can"] == ["baseline"]
    assert read["cannot"] == [{"scenario": "restart", "row": "3.3", **FULL}]
    assert 0 < read["seconds"] < read_answer("{}", plan)["seconds"]


@pytest.mark.parametrize(
    "text", ["", "hello", "[]", '{"restart": null}', '{"restart": {"reason": "no root"}}']
)
def test_what_no_engine_of_ours_says_is_no_answer(plan, text):
    assert read_answer(text, plan) is None


def test_each_host_has_an_answer_or_the_reason_why_not():
    told = answers(
        [
            {"inventory_hostname": "able", "stress_abilities": {**can("baseline"), "changed": False}},
            {"inventory_hostname": "bare", "stress_abilities": {"skipped": True}},
            {"inventory_hostname": "never"},
            {"inventory_hostname": "broken", "stress_problem": "broken is on fire"},
            {"inventory_hostname": "gone", "stress_facts": {"unreachable": True, "msg": "no route"}},
        ]
    )

    assert told["able"] == can("baseline")
    assert "ansible-playbook playbooks/provision.yml -l bare brings one" in told["bare"]["problem"]
    assert told["never"]["problem"].startswith("it has no engine yet")
    assert told["broken"] == {"problem": "broken is on fire"}
    assert told["gone"]["problem"].startswith("gone could not be reached any more: no route")


def test_what_several_hosts_lack_for_the_same_reason_is_said_once():
    lacking = [cannot("network_cut"), cannot("proxy_drip", "4.2E")]

    assert lines({"b": can("baseline", cannot=lacking), "a": can("baseline", cannot=lacking)}) == [
        "host can run cannot about",
        "a 1 2 2 min",
        "b 1 2 2 min",
        "",
        "cannot on why what would enable it",
        "4.3A network_cut, 4.2E proxy_drip a, b no root run as root",
    ]


def test_a_host_that_could_not_be_asked_is_named_once():
    told = lines({"a": {"problem": "a could not be reached: no route"}, "b": {"problem": "it has no engine"}})

    assert told == ["a could not be reached: no route", "", "b: it has no engine"]


def test_a_fleet_stays_on_a_few_screens():
    told = lines({f"h{number:03}": can("baseline") for number in range(400)})

    assert len(told) == 53
    assert told[-1] == "… and 350 hosts more"


def test_a_hosts_words_cannot_steer_a_terminal():
    told = lines({"a": can(cannot=[cannot("network_cut", reason="\x1b[31mred")]), "b": {"problem": "\x07"}})

    assert not {"\x1b", "\x07"} & set("".join(told))
