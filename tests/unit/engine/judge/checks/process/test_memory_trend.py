"""``memory_trend``: more than 20 % without a plateau; warm-up, steps and noise are no leak."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED
from tests.unit.engine.judge.checks.process.sampled import MB, sampled


@pytest.mark.parametrize(
    "private",
    [
        lambda _: 20 * MB,
        lambda n: 20 * MB + (n % 7) * MB,
        lambda n: 5 * MB if n < 8 else 20 * MB,  # warm-up
        lambda n: 10 * MB + min(n, 30) * MB // 2,  # a plateau, late
        lambda n: 20 * MB + n * MB // 20,  # 15 % in all
        lambda n: 1 * MB + n * 10_000,  # half as much again, and hardly anything
        lambda n: 40 * MB - n * MB // 4,
    ],
)
def test_no_leak(story, private):
    sampled(story, private=private)
    assert story.told("memory_trend") == []


@pytest.mark.parametrize("known", [True, False])
def test_a_leak(story, known):
    sampled(story, private=lambda n: 20 * MB + n * MB // 2, known=known)

    [(verdict, reason)] = story.told("memory_trend")

    assert verdict == FAILED
    assert f"memory ({'private' if known else 'rss'}) grew by" in reason
    assert story.told("memory_trend", at_most=2.0) == []


def test_handles_that_leak(story):
    sampled(story, handles=lambda n: 12 + n // 3)
    assert [one[0] for one in story.told("memory_trend")] == [FAILED]


def test_too_few_samples_or_cycles_prove_nothing(story):
    sampled(story, count=12, private=lambda n: n * MB)
    assert [one[0] for one in story.told("memory_trend")] == [NOT_EXERCISED]
    assert [one[0] for one in story.told("memory_trend", samples=6, cycles=50)] == [NOT_EXERCISED]


def test_the_warm_up_may_be_said_in_cycles(story):
    sampled(story, private=lambda n: 20 * MB + min(n, 44) * MB // 2)
    assert story.told("memory_trend", warm_up_cycles=44) == []


def test_the_start_with_most_samples_is_judged(story):
    sampled(story, private=lambda n: 20 * MB + n * MB)
    sampled(story, count=10)
    assert [one[0] for one in story.told("memory_trend")] == [FAILED]
