"""The statistics give what pymannkendall, scipy and ruptures give for the same series."""

import random
from importlib import import_module

import pytest

from fleet_stress.judge.trend import mann_kendall, theil_sen
from fleet_stress.judge.trend.assess import assess
from fleet_stress.judge.trend.verdict import Series
from tests.bench.shapes import HEALTHY, LEAKS, make

#: Not those of which pymannkendall divides zero by zero.
MADE = [make(kind, seed) for seed, kind in enumerate((*HEALTHY, *LEAKS)) if kind != "healthy:constant"]
#: Imports in the one worker that runs these tests (tests/schedule.py), not in all that collect them: it takes seconds.
others = import_module
each_series = pytest.mark.parametrize("made", MADE, ids=[made.kind for made in MADE])


@each_series
def test_mann_kendall_is_that_of_pymannkendall(made):
    values = made.values
    plain = others("pymannkendall").original_test(values)
    pairs = theil_sen.pair_slopes([(range(len(values)), values)])
    slope = theil_sen.slope(pairs, 0.0).slope
    rest = [value - slope * index for index, value in enumerate(values, start=1)]
    corrected = others("pymannkendall").hamed_rao_modification_test(values)

    assert mann_kendall.score(values) == plain.s
    assert mann_kendall.variance(values) == pytest.approx(plain.var_s)
    assert slope == pytest.approx(plain.slope)
    assert mann_kendall.correction(rest) == pytest.approx(corrected.var_s / plain.var_s, rel=1e-6)


@each_series
def test_theil_sen_and_its_interval_are_those_of_scipy(made):
    pairs = theil_sen.pair_slopes([(made.at, made.values)])

    ours = theil_sen.slope(pairs, mann_kendall.variance(made.values))

    theirs = others("scipy.stats").theilslopes(made.values, made.at)
    assert ours.slope == pytest.approx(theirs.slope)
    assert (ours.low, ours.high) == pytest.approx((theirs.low_slope, theirs.high_slope))


def test_few_values_have_their_exact_distribution():
    for size in range(2, 8):
        order = random.Random(size).sample(range(size), size)
        theirs = others("scipy.stats").kendalltau(range(size), order, alternative="greater", method="exact")

        assert mann_kendall.exact(size, mann_kendall.score(order)) == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize("seed", range(4))
def test_steps_are_where_ruptures_finds_them(seed):
    dice = random.Random(seed)
    breaks = [dice.randint(14, 30), dice.randint(42, 58)]
    heights = [100.0, dice.uniform(110, 120), dice.uniform(90, 105)]
    values = [heights[sum(index >= place for place in breaks)] + dice.gauss(0, 0.3) for index in range(72)]

    found = assess(Series(list(range(72)), values), horizon=72)

    [*theirs, _] = others("ruptures").Dynp(model="l2", min_size=2, jump=1).fit(column(values)).predict(2)
    assert sorted(step.at for step in found.steps) == theirs == breaks
    assert found.outcome == "steady"


@pytest.mark.parametrize("seed", range(4))
def test_a_cache_is_full_where_ruptures_finds_the_bend(seed):
    dice = random.Random(seed)
    full = dice.randint(20, 40)
    values = [100 + 0.8 * min(index, full) + dice.gauss(0, 0.2) for index in range(72)]

    found = assess(Series(list(range(72)), values), horizon=72)

    [theirs, _] = others("ruptures").Dynp(model="clinear", min_size=4, jump=1).fit(column(values)).predict(1)
    assert found.outcome == "steady"
    assert found.warm_up_until == pytest.approx(theirs, abs=8)  # of a grid of bends


def column(values):
    return others("numpy").array(values).reshape(-1, 1)
