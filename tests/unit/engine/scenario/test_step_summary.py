"""A step in a few words."""

import pytest

from fleet_stress.scenario.step_summary import summary


@pytest.mark.parametrize(
    ("verb", "arguments", "words"),
    [
        ("start", {"settings": {}}, "start"),
        ("signal", {"signal": "KILL"}, "send SIGKILL"),
        ("lift", {"fault": "fill"}, "lift fill"),
        ("probe", {"page": "status"}, "probe status"),
        ("wait", {"until": "cycles", "cycles": 3, "then": 0.0}, "wait for cycle 3"),
        ("wait", {"until": "more_cycles", "cycles": 3, "then": 0.0}, "wait for 3 more cycles"),
        ("wait", {"until": "samples", "cycles": 2, "then": 0.0}, "wait for 2 more samples"),
        ("wait", {"until": "met", "cycles": 3, "then": 0.0}, "wait for the bot to hit the fault 3 times"),
        ("wait", {"until": "first_cycle", "then": 0.0}, "wait for first cycle"),
        ("wait", {"until": None, "then": 2.0}, "wait for 2.0"),
    ],
)
def test_a_step_says_what_it_does(verb, arguments, words):
    assert summary(verb, arguments) == words
