"""Somebody else uses a host: it is waited for, for as long as was said, and that is said once."""

import pytest
from fleet_controller.messages.errors import UserError
from fleet_controller.runs.wait_for_host import until_free, wait_seconds

BUSY = {
    "failed": True,
    "busy": True,
    "msg": "host is busy: run r1 started noon. Wait for it (add -e wait=10m), or end it: …",
}
FREE = {"run_id": "r2"}
HALTED = {"failed": True, "busy": False, "msg": "halted"}


class Time:
    """It goes on only while somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def waits():
    """What was answered last, what was said, and how long it took."""

    def waits(answers, within, hosts=1):
        time, said, left = Time(), [], list(answers)
        found = until_free(
            lambda: left.pop(0) if len(left) > 1 else left[0],
            within,
            said.append,
            hosts,
            time.clock,
            time.sleep,
        )
        return found, said, time.now

    return waits


def test_a_host_that_becomes_free_takes_the_plan(waits):
    found, said, seconds = waits([BUSY, BUSY, BUSY, FREE], 600)
    assert found == FREE
    assert said == ["host is busy: run r1 started noon; waiting for it, 10 min at most"]
    assert 0 < seconds < 60


def test_of_many_hosts_each_is_looked_at_less_often(waits):
    assert waits([BUSY, FREE], 600, hosts=50)[2] == 50
    assert waits([BUSY, FREE], 600, hosts=500)[2] == 60


def test_one_that_does_not_is_refused_when_the_time_is_over(waits):
    found, _, seconds = waits([BUSY], 12)
    assert found["msg"].endswith("or end it: … (waited 12 s)")
    assert seconds == 12


@pytest.mark.parametrize(("answers", "within"), [([BUSY], 0), ([HALTED], 600), ([FREE], 600)])
def test_nothing_else_is_waited_for(waits, answers, within):
    assert waits(answers, within) == (answers[0], [], 0)


def test_the_next_user_of_the_host_is_named_too(waits):
    other = {**BUSY, "msg": "host is busy: run r9 started later. Wait for it (…)"}
    _, said, _ = waits([BUSY, other, FREE], 600)
    assert [sentence.split(" started")[0] for sentence in said] == [
        "host is busy: run r1",
        "host is busy: run r9",
    ]


@pytest.mark.parametrize(("asked", "seconds"), [("", 0), (None, 0), ("10m", 600), ("24h", 86_400)])
def test_how_long_is_said_as_everywhere(asked, seconds):
    assert wait_seconds(asked) == seconds


@pytest.mark.parametrize("asked", ["10", "soon", "25h", True, ["10m"]])
def test_what_is_no_duration_is_refused(asked):
    with pytest.raises(UserError, match="write -e wait=10m"):
        wait_seconds(asked)
