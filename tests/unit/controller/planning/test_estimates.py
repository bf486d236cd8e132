"""About how long a plan takes, and what is left of it."""

from fleet_controller.planning.estimates import left


def scenario(name, seconds, **about):
    return {
        "id": name,
        "estimate": seconds,
        "weight": 1,
        "exclusive": False,
        "baseline": False,
        "skip": None,
        **about,
    }


PLAN = [
    scenario("baseline", 4, baseline=True),
    *(scenario(name, 10) for name in "abcd"),
    scenario("x", 30, skip="no"),
]


def test_before_anything_has_begun_it_is_the_whole():
    assert left(PLAN, 2, {}, {}) == 4 + 20


def test_what_runs_has_some_of_it_behind_it():
    assert left(PLAN, 2, {"baseline": 4}, {"a": 6, "b": 8}) == (4 + 2 + 10 + 10) / 2


def test_what_takes_longer_than_thought_will_take_longer_still():
    assert left(PLAN[:2], 1, {"baseline": 4}, {"a": 50}) == 5


def test_a_host_that_is_slower_than_thought_stays_so():
    assert left(PLAN, 1, {"baseline": 8, "a": 20, "b": 20}, {}) == 2 * (10 + 10)


def test_a_host_that_is_faster_promises_nothing():
    assert left(PLAN, 1, {"baseline": 1, "a": 1, "b": 1}, {}) == 10 + 10


def test_nothing_is_left_of_a_plan_that_is_over():
    assert left(PLAN, 2, dict.fromkeys(["baseline", *"abcd"], 1.0), {}) == 0
