"""Numbers over three starts, the third of which was asked for three cycles."""

import pytest
from fleet_controller.drafting.counters import Series, counters, only_rising


def series(*starts, name="n"):
    by_start = {
        number: [(10 * number + place / 2, value) for place, value in enumerate(values)]
        for number, values in enumerate(starts, 1)
    }
    return Series("state/a.json", name, by_start)


HERE = series([1, 2, 3, 4, 5, 6], [1, 2, 3], [1, 2, 3])
TOTAL = series([1, 2, 3, 4, 5, 6], [7, 8, 9], [10, 11, 12], name="orders")
PRICE = series([101, 102, 100, 104], [101, 99], [100], name="price")
TIMES = series([1.7e9, 1.7e9 + 1], [1.7e9 + 9], [1.7e9 + 20], name="at")
CONSTANT = series([3, 3, 3], [3], [3], name="version")


def test_a_number_that_begins_anew_and_ends_at_three_counts_the_cycles_of_a_start():
    best = counters([TOTAL, PRICE, HERE, TIMES, CONSTANT], 3)[0]
    assert (best.series.name, best.in_total, best.proved) == ("n", False, True)


def test_a_number_that_goes_on_by_three_counts_those_of_all_starts():
    best = counters([PRICE, TOTAL, TIMES], 3)[0]
    assert (best.series.name, best.in_total, best.proved) == ("orders", True, True)


def test_a_number_that_rises_by_another_amount_counts_no_cycles():
    assert counters([series([2, 4, 6, 8], [10, 12], [14, 16, 18])], 3) == []


def test_without_a_third_start_a_likely_number_is_not_proved():
    found = counters([series([1, 2, 3, 4], [1, 2, 3]), PRICE], None)
    assert [(item.series.name, item.proved) for item in found] == [("n", False)]


def test_the_pace_is_the_time_of_one_more():
    assert HERE.period == pytest.approx(0.5)
    assert series([2, 4, 6, 8]).period == pytest.approx(0.25)
    assert CONSTANT.period is None


def test_only_what_no_start_took_back_may_never_go_back():
    assert only_rising([HERE, TOTAL, PRICE, TIMES, CONSTANT]) == [TOTAL]
