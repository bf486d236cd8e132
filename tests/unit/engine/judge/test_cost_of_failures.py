"""What failures cost: growth that goes on with them is told; pools, teeth, and what grows anyway are not."""

import pytest

from fleet_stress.judge.readings.cost_of_failures import Moment, TooFew, cost

FAILURES = 60


def moments(value, *, first=0, count=FAILURES, step=1):
    """A sample at each failure; ``value(n)`` is the quantity after ``n``."""
    return [Moment(n, 100 + n, float(value(n))) for n in range(first, first + count + 1, step)]


def calm(value=lambda _: 10):
    return [Moment(0, n, float(value(n))) for n in range(40)]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(lambda _: 10, id="nothing"),
        pytest.param(lambda n: 10 + min(n, 10), id="a pool that grows once and stays"),
        pytest.param(lambda n: 10 + min(n, 40), id="a pool that is full late"),
        pytest.param(lambda n: 10 + n % 12, id="teeth"),
        pytest.param(lambda n: 10 + (n % 3 == 0) * 5, id="connections that are just open"),
        pytest.param(lambda n: 10 + 20 * (n > 45), id="one step that stays"),
        pytest.param(lambda n: 10 + 30 * (1 - 0.9**n), id="growth that levels off"),
        pytest.param(lambda n: 40 - n / 2, id="less and less"),
    ],
)
def test_what_does_not_go_on_is_no_cost(value):
    assert cost(calm(), moments(value), FAILURES) is None


@pytest.mark.parametrize("each", [0.25, 1, 3])
def test_a_leak_is_told_with_what_each_failure_costs(each):
    found = cost(calm(), moments(lambda n: 10 + int(each * n)), FAILURES)

    assert found is not None
    assert found.each == pytest.approx(each, rel=0.2)


def test_a_leak_below_teeth_and_open_connections_is_told():
    assert cost(calm(lambda n: 10 + n % 2), moments(lambda n: 10 + n + n % 3), FAILURES)


def test_what_grows_without_failures_too_is_not_their_cost():
    assert cost(calm(lambda n: 10 + n), moments(lambda n: 110 + n), FAILURES) is None


def test_failures_that_take_more_cycles_than_were_seen_before_are_compared_by_the_cycle():
    slow = [moment._replace(cycles=100 + 5 * moment.failures) for moment in moments(lambda n: 110 + 5 * n)]

    assert cost(calm(lambda n: 10 + n), slow, FAILURES) is None


@pytest.mark.parametrize(
    ("control", "failing"),
    [
        (calm(), moments(lambda n: n, step=10)),
        (calm()[:2], moments(lambda n: n)),
        ([], moments(lambda n: n)),
        (calm(), [*moments(lambda n: n, count=20), *[Moment(FAILURES, 200, 60.0)] * 40]),
    ],
    ids=["few samples", "a short time before", "nothing before", "all at once"],
)
def test_too_few_samples_tell_nothing(control, failing):
    with pytest.raises(TooFew):
        cost(control, failing, FAILURES)
