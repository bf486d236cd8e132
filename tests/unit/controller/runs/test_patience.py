"""One host is not listened to for ever, and not all the time."""

import pytest
from fleet_controller.runs.patience import LEAST, Endless, Patience


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_a_host_that_says_for_ever_that_its_run_goes_on_is_given_up_when_that_cannot_be():
    clock = Clock()
    patience = Patience(60, clock, clock.sleep)
    for _ in range(6):
        patience.wait()
        clock.now += 10

    with pytest.raises(Endless):
        patience.wait()


def test_a_host_that_answers_at_once_is_asked_a_few_times_a_second():
    clock = Clock()
    patience = Patience(60, clock, clock.sleep)
    asked = 0
    with pytest.raises(Endless):
        while asked < 1_000_000:
            patience.wait()
            asked += 1

    assert asked <= 60 / LEAST + 2


def test_one_that_takes_its_time_is_asked_again_at_once():
    clock = Clock()
    patience = Patience(60, clock, clock.sleep)
    patience.wait()
    clock.now += 20
    patience.wait()
    assert clock.now == 120.0
