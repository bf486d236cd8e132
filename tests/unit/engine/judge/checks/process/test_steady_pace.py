"""``steady_pace``: what the bot does is judged, never what the host does to it."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED
from tests.unit.engine.judge.checks.process.sampled import sampled


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"cpu": lambda n: 0.01 + (n % 5) * 0.05},  # dear cycles all along
        {"cpu": lambda n: 0.5 if n < 3 else 0.01},  # warm-up
        {"cpu": lambda n: 0.001 + n * 0.0002},  # thirteen times as much, and hardly anything
        {"cpu": lambda n: 0.2 + n * 0.001},  # a little more
        {"lasts": lambda n: 0.05 + (n % 9) * 0.4},  # noise
        {"lasts": lambda n: 0.05 + (2.0 if n == 55 else 0.0)},
        {"handles": lambda n: 12 + n % 4},
        {"handles": lambda n: 12 + (8 if 20 < n < 40 else 0)},
    ],
)
def test_steady(story, how):
    sampled(story, **how)
    assert story.told("steady_pace") == []


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"cpu": lambda n: 0.01 + n * 0.002}, "a cycle came to cost"),
        ({"lasts": lambda n: 0.01 + n * 0.01}, "a cycle came to last"),
        ({"handles": lambda n: 12 + n // 2}, "open handles grew from"),
    ],
)
def test_more_and_more(story, how, told):
    sampled(story, **how)

    [(verdict, reason)] = story.told("steady_pace")

    assert verdict == FAILED
    assert reason.startswith(told)


@pytest.mark.parametrize("idle", [lambda _: 0.05, lambda n: 0.9 if n < 30 else 0.5])
def test_a_busy_host_is_never_the_bots_fault(story, idle):
    sampled(story, lasts=lambda n: 0.05 if n < 30 else 1.0, idle=idle)

    [(verdict, reason)] = story.told("steady_pace")

    assert verdict == NOT_EXERCISED
    assert "the host had only" in reason


def test_too_short_proves_nothing(story):
    sampled(story, count=20)
    assert [one[0] for one in story.told("steady_pace")] == [NOT_EXERCISED]
    story.evidence["samples"] = []
    assert [one[0] for one in story.told("steady_pace")] == [NOT_EXERCISED]


def test_no_start_proves_nothing(story):
    assert [one[0] for one in story.told("steady_pace")] == [NOT_EXERCISED]
