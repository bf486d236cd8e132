"""A limit is sized by what the running bot uses, whatever that is."""

import subprocess
import sys

import psutil
import pytest

from fleet_stress.faults.process import measured_need


@pytest.mark.parametrize(
    ("need", "least", "limit"),
    [(0.6, 0.05, 0.3), (0.01, 0.05, 0.05), (None, 0.05, 0.05), (0.6, None, None), (0.0, 1e6, 1e6)],
)
def test_a_share_of_the_need_and_at_least_the_fixed_limit(need, least, limit):
    assert measured_need.share(need, least, {"of_need": 0.5}) == limit


def test_a_bot_that_computes_needs_more_than_one_that_sleeps():
    programs = ("while True: pass", "import time; time.sleep(600)")
    started = [subprocess.Popen([sys.executable, "-c", program]) for program in programs]
    try:
        busy, idle = (
            measured_need.measured(
                lambda pid=one.pid: [psutil.Process(pid)], {"of_need": 0.5, "measured_for": 0.4}
            )
            for one in started
        )
    finally:
        for one in started:
            one.kill()
            one.wait()
    assert busy.processor > idle.processor


def test_nothing_is_measured_where_the_limit_does_not_follow_it():
    assert measured_need.measured(lambda: pytest.fail("looked"), {"share": 0.02}) is None
