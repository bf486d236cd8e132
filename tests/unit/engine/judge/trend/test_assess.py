"""What is said of a series: a leak, none, or that there is not enough data and how much more it takes."""

import random
import time

import pytest

from fleet_stress.judge.trend import words
from fleet_stress.judge.trend.assess import assess
from fleet_stress.judge.trend.verdict import Series, Trend
from tests.bench.shapes import make

HOURS = [index / 12 for index in range(72)]


def noisy(line, seed=1, wide=0.3):
    dice = random.Random(seed)
    return [line(at) + dice.gauss(0, wide) for at in HOURS]


def test_a_leak_has_a_slope_within_its_interval_and_a_time_when_a_limit_is_reached():
    found = assess(Series(HOURS, noisy(lambda at: 100 + 2 * at)), horizon=6)

    assert (found.outcome, found.by) == ("grows", "slope")
    assert found.low < 2 < found.high
    soon, late = found.reaches(200)
    assert soon < 50 < late


def test_a_leak_is_told_for_each_life_of_a_process_that_was_restarted():
    values = noisy(lambda at: 100 + 3 * (at % 3))

    found = assess(Series(HOURS, values, restarts=[36]), horizon=6)

    assert found.outcome == "grows"
    assert found.slope == pytest.approx(3, rel=0.2)
    assert assess(Series(HOURS, noisy(lambda _: 100), restarts=[36]), horizon=6).outcome == "steady"


def test_few_samples_are_not_enough_and_say_how_many_more():
    found = assess(Series(HOURS[:10], [100 + at for at in HOURS[:10]]), horizon=6)

    assert (found.outcome, found.by) == ("unclear", "few")
    assert found.more == pytest.approx(6 / 12)


def test_what_the_noise_hides_is_not_enough_either():
    values = noisy(lambda _: 100, wide=60)

    found = assess(Series(HOURS, values), horizon=6)

    assert (found.outcome, found.by) == ("unclear", "noisy")
    assert found.more > 0


@pytest.mark.parametrize("values", [[7.0] * 72, [0.0] * 72, [1.0] * 71 + [2.0]])
def test_what_hardly_moves_is_steady(values):
    assert assess(Series(HOURS, values), horizon=6).outcome == "steady"


def test_handles_that_are_lost_one_by_one_are_a_stair():
    found = assess(Series(HOURS, [12 + int(at) for at in HOURS]), horizon=6, grain=2)

    assert (found.outcome, found.by) == ("grows", "stairs")


def test_growth_below_its_grain_is_none():
    assert assess(Series(HOURS, [12 + at / 6 for at in HOURS]), horizon=6, grain=2).outcome == "steady"


def test_samples_of_the_same_cycle_are_one():
    cycles = [index // 3 for index in range(216)]

    found = assess(Series(cycles, [100 + cycle for cycle in cycles]), horizon=72)

    assert found.outcome == "grows"
    assert found.slope == pytest.approx(1)


def test_five_thousand_samples_take_less_than_half_a_second():
    dice = random.Random(1)
    values = [100 + index / 100 + dice.gauss(0, 1) for index in range(5000)]
    began = time.process_time()

    found = assess(Series([float(index) for index in range(5000)], values), horizon=5000)

    assert time.process_time() - began < 0.5
    assert found.outcome == "grows"
    assert found.slope == pytest.approx(0.01, rel=0.05)


def test_times_and_values_have_to_be_as_many():
    with pytest.raises(ValueError, match="2 times and 1 values"):
        assess(Series([1, 2], [1]), horizon=6)


LEAK = Trend("grows", "slope", 60, 20, 20, 380, 50e6, 20e3, 18e3, 22e3, 0.0)


def test_a_leak_in_words_of_cycles():
    said = words.grows(
        "memory", LEAK, words.Clock("cycle", 60.0), words.megabytes, [words.Limit("its limit", 100e6)]
    )

    assert said == (
        "memory grows by 20 kB a cycle (95 %: 18 kB to 22 kB), 1.2 MB an hour, from 50 MB to 57.2 MB (14.4%) in"
        " 360 cycles (6 h) after warming up, and does not level off; at this rate it reaches its limit of 100 MB in"
        " 32.4 to 39.6 h"
    )


def test_what_is_unclear_says_how_much_more():
    said = words.unclear(
        "memory", LEAK._replace(by="noisy", more=90), words.Clock("cycle", 60.0), words.megabytes
    )

    assert said.endswith("not enough data to tell from its noise; about 90 cycles (1.5 h) more would tell")


@pytest.mark.parametrize("seed", [55500197, 77700197])
def test_a_fall_that_is_the_shape_of_a_warm_up_gives_nothing_back_of_a_leak_that_begins_later(seed):
    made = make("leak:late", seed)

    assert assess(Series(made.at, made.values), horizon=6).outcome == "grows"


@pytest.mark.parametrize("seed", [2100737, 2200009, 2200841])
def test_a_spike_that_ends_as_the_warm_up_does_gives_nothing_back_of_a_leak(seed):
    made = make("leak:spikes", seed)

    assert assess(Series(made.at, made.values), horizon=6).outcome == "grows"


def test_a_sample_after_a_gap_is_no_spike():
    values = noisy(lambda at: 100 + 2.5 * at, wide=0.1)

    found = assess(Series([*HOURS[:53], HOURS[-1]], [*values[:53], values[-1]]), horizon=6)

    assert (found.outcome, found.until) == ("grows", HOURS[-1])
    assert found.line(found.until) == pytest.approx(values[-1], rel=0.01)
    assert not found.steps


@pytest.mark.parametrize("seed", [9000002, 9000009, 9000095])
def test_where_evidence_is_weak_either_way_a_trend_that_is_proven_larger_than_what_is_tolerated_is_a_leak(
    seed,
):
    made = make("leak:fast-teeth", seed)

    assert assess(Series(made.at, made.values), horizon=6).outcome == "grows"


def test_a_trend_that_is_hardly_more_than_what_is_tolerated_needs_more_evidence():
    made = make("healthy:autocorrelated", 9000019)

    assert assess(Series(made.at, made.values), horizon=6).outcome == "unclear"
