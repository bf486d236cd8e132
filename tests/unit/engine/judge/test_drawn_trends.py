"""Trends as the page draws them: a line for each start, after its warm-up, with its interval and limits."""

import json

import pytest

from fleet_stress.judge.checks.process import memory_trend


def asked(story, *, limit=None):
    story.expect = [{"check": "memory_trend", "args": {"warm_up_cycles": 5}}]
    if limit:
        story.bot["memory_limit"] = limit
    return memory_trend.drawn(story.case())


def of(found, quantity):
    return [one for one in found if one["quantity"] == quantity]


@pytest.fixture
def leak(story):
    samples(story, 1, 0.0)
    return story


def samples(story, start, begins, count=60):
    for n in range(count):
        kinds = {"rss": 30e6 + 1e5 * n, "private": 20e6 + 1e5 * n, "handles": 9, "threads": 1, "processes": 1}
        story.evidence["samples"].append({"start": start, "at": begins + n / 2, "cycles": n + 1, **kinds})


def test_a_leak_is_a_line_within_its_interval(leak):
    [memory] = of(asked(leak, limit="64MB"), "private")

    assert memory["outcome"] == "grows"
    assert memory["since"] >= memory["warm_up_until"] >= 2.0
    assert memory["until"] == 29.5
    assert memory["line"][1] == pytest.approx(25.9e6, rel=0.01)
    assert memory["low"][1] <= memory["line"][1] <= memory["high"][1]
    assert memory["limits"][0] == {"name": "its memory_limit", "value": 64 * 2**20}
    assert "grows by" in memory["told"]


def test_what_stays_has_a_flat_line_and_no_limit_of_memory(leak):
    [handles] = of(asked(leak, limit="64MB"), "handles")

    assert (handles["outcome"], handles["line"], handles["limits"]) == ("steady", [9.0, 9.0], [])


def test_each_start_has_a_line_of_its_own(leak):
    samples(leak, 2, 100.0)
    first, second = of(asked(leak), "private")

    assert first["until"] < 30 < 100 < second["since"]
    assert first["line"][1] == pytest.approx(second["line"][1], rel=0.02)


def test_it_is_json_and_a_row_that_does_not_ask_has_none(leak):
    json.dumps(asked(leak), allow_nan=False)
    leak.expect = []

    assert memory_trend.drawn(leak.case()) == []
