"""What --check shows: each host's scenarios and time, what is skipped and why, and which hosts not."""

import pytest
from fleet_controller.messages.text import duration
from fleet_controller.planning.estimates import estimate
from fleet_controller.report.check_mode import rehearsal, rehearsed


def scenario(name, estimate, **more):
    usual = {"row": "1.1", "weight": 1, "exclusive": False, "baseline": False, "skip": None}
    return {"id": name, "estimate": estimate, **usual, **more}


@pytest.fixture
def plan():
    skip = {"reason": "the bot has no such file", "enable": "name one"}
    return {
        "limits": {"bots_at_once": 2},
        "scenarios": [
            scenario("short", 10.0),
            scenario("baseline", 5.0, baseline=True, exclusive=True),
            scenario("impossible", 0.0, row="1.3D", skip=skip),
            scenario("long", 30.0),
        ],
    }


def test_a_host_runs_in_order_what_can_be_run(plan):
    told = rehearsed(plan, {})
    assert told["runs"] == ["baseline", "long", "short"]
    assert told["skips"] == [{"row": "1.3D", "scenario": "impossible", "reason": "the bot has no such file"}]
    assert told["seconds"] == 35.0


def test_what_the_host_itself_cannot_is_skipped_too(plan):
    told = rehearsed(plan, {"long": "iptables is missing"})
    assert told["runs"] == ["baseline", "short"]
    assert {"row": "1.1", "scenario": "long", "reason": "iptables is missing"} in told["skips"]


@pytest.mark.parametrize(
    ("scenarios", "at_once", "seconds"),
    [
        ([], 1, 0.0),
        ([scenario("a", 10.0), scenario("b", 10.0)], 1, 20.0),
        ([scenario("a", 10.0), scenario("b", 10.0)], 2, 10.0),
        ([scenario("a", 10.0, weight=2), scenario("b", 10.0)], 2, 15.0),
        ([scenario("a", 10.0, exclusive=True), scenario("b", 10.0)], 4, 20.0),
        ([scenario("a", 10.0, weight=9)], 2, 10.0),
    ],
)
def test_about_how_long(scenarios, at_once, seconds):
    assert estimate(scenarios, at_once) == pytest.approx(seconds)


def test_the_table_says_who_does_what_and_who_does_not(plan):
    told = rehearsed(plan, {})
    text = rehearsal({"h1": told, "h2": told}, {"h3": "h3 could not be reached:\n no route"})
    lines = [line.split() for line in text.splitlines()]
    assert lines[0] == ["host", "scenarios", "skipped", "about"]
    assert lines[1] == ["h1", "3", "1", "35", "s"]
    assert ["impossible", "1.3D", "h1,", "h2", "the", "bot", "has", "no", "such", "file"] in lines
    assert "not used: h3: could not be reached: no route" in text
    assert text.splitlines()[-1] == (
        "nothing was run (--check): 2 hosts would be, about 35 s; 1 host would not be used"
    )


def test_a_fleet_of_which_no_host_can_be_used():
    text = rehearsal({}, {"h1": "\x1b[31mforbidden"})
    assert "not used: h1: \\x1b[31mforbidden" in text
    assert text.splitlines()[-1].startswith("nothing was run (--check): 0 hosts would be; 1 host would not")


@pytest.mark.parametrize(("seconds", "told"), [(45.4, "45 s"), (600.0, "10 min"), (21600.0, "6.0 h")])
def test_durations(seconds, told):
    assert duration(seconds) == told
