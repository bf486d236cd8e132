"""What operators are told of hosts that were recovered, halted or looked at."""

import math

import pytest
from fleet_controller.report.recovery_report import found, has_engine, lacks_engine
from fleet_controller.report.sparkline import curves

ENGINE = {"engine_current": "/var/lib/fleet-stress/engine/0f3a", "engines": ["0f3a"]}
OURS = {"state": "ours", "entries": ["engine", "runs"], "halted": None, **ENGINE}
QUIET = {"undone": [], "alive": None, "held": {}}
HALT = {"reason": "incident 4711", "by": "ops@desk", "since": "2026-11-24T14:12:00+00:00"}


def lines(facts, recovered=None, **how):
    host = {"inventory_hostname": "h1", "stress_facts": facts, "stress_recovered": recovered or {}}
    return found([host], **how)["h1"]["lines"]


def test_a_host_where_nothing_was_left_says_so_and_one_that_never_saw_us_says_that():
    assert lines(OURS, QUIET) == ["nothing was left"]
    assert lines({"state": "absent", "entries": []}) == ["nothing of ours is there"]


def test_what_was_undone_is_told_sentence_by_sentence_and_what_would_be_as_such():
    recovered = {**QUIET, "undone": ["run r1: unmount /x", "run r1: ended main.py"]}
    assert lines(OURS, recovered) == ["undone: run r1: unmount /x", "undone: run r1: ended main.py"]
    assert lines(OURS, recovered, looked_only=True)[0] == "would be undone: run r1: unmount /x"


def test_what_was_left_alone_says_who_since_when_and_for_how_long():
    alive = {"run_id": "r1", "pid": 7, "since": "2026-11-24T14:12:00+00:00"}
    assert lines(OURS, {**QUIET, "alive": alive}) == [
        "alive, and left alone: run r1 (pid 7) since 2026-11-24T14:12:00+00:00"
    ]
    held = {**QUIET, "held": {"network_block": 310.4}}
    assert lines(OURS, held) == ["held by hand, and left alone: network_block, for 310 s more"]


def test_a_run_that_takes_samples_shows_how_its_memory_went():
    alive = {"run_id": "r1", "pid": 7, "since": "2026-11-24T14:12:00+00:00"}
    one = {"scenario": "memory", "hours": 3.25, "cycles": 195, "rss": [46e6, 46.5e6, 47e6, 48e6]}
    recovered = {**QUIET, "alive": alive, "sampled": [one, {**one, "rss": [46_000_000, 46_000_100]}]}
    assert lines(OURS, recovered, looked_only=True)[1:] == [
        "memory: RSS ▁▃▅█ 46 to 48 MB, 3.2 h, 195 cycles",
        "memory: RSS ▁▁ 46 to 46 MB, 3.2 h, 195 cycles",
    ]


@pytest.mark.parametrize(
    "said", ["memory", [7], [{}], [{"rss": ["x", math.inf, True], "hours": 1, "cycles": 1, "scenario": "m"}]]
)
def test_what_a_host_makes_up_of_its_samples_is_passed_over(said):
    assert list(curves(said)) == []


def test_a_halt_is_told_with_who_when_and_why():
    told = "halted since 2026-11-24T14:12:00+00:00 by ops@desk: incident 4711"
    assert lines({**OURS, "halted": HALT}, QUIET) == [told, "nothing was left"]
    assert lines(OURS, QUIET, halted=True) == ["halted"]
    assert lines({**OURS, "halted": HALT}, halted=False) == ["released"]
    assert lines(OURS, halted=False) == ["was not halted"]


def test_a_host_with_journals_and_no_whole_engine_is_never_said_to_have_nothing_left():
    for broken in ({"engine_current": "", "engines": []}, {**ENGINE, "engines": []}):
        facts = {**OURS, **broken}
        assert lacks_engine(facts)
        (told,) = lines(facts, {"skipped": True}, looked_only=True)
        assert told.startswith("its engine is missing")
        assert lines(facts, QUIET) == ["its engine was missing, and brought to undo with", "nothing was left"]
    assert has_engine(OURS)
    assert not lacks_engine(OURS)
    halted_only = {"state": "ours", "entries": ["halted.json"], "engine_current": "", "engines": []}
    assert not lacks_engine(halted_only), "nothing can be left where no run has been"


def test_a_host_in_trouble_says_that_and_nothing_else():
    lost = {"unreachable": True, "msg": "no route"}
    hosts = [
        {"inventory_hostname": "h1", "stress_problem": "cannot be used"},
        {"inventory_hostname": "h2", "stress_facts": OURS, "stress_recovered": lost},
        {"inventory_hostname": "h3", "stress_facts": OURS, "stress_recovered": QUIET},
    ]
    document = found(hosts, problems_only=True)
    assert document["h1"] == {"lines": [], "problem": "cannot be used"}
    assert document["h2"]["problem"].startswith("h2 could not be reached any more: no route")
    assert document["h3"] == {"lines": [], "problem": ""}
