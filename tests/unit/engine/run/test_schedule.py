"""The baseline alone and first; exclusive ones alone; the rest side by side, longest first."""

from fleet_stress.run.schedule import next_to_start, order


def scenario(name, *, weight=1, exclusive=False, baseline=False, estimate=1.0):
    return {"id": name, "weight": weight, "exclusive": exclusive, "baseline": baseline, "estimate": estimate}


def names(scenarios):
    return [scenario["id"] for scenario in scenarios]


BASELINE = scenario("baseline", baseline=True, exclusive=True)


def test_order():
    shuffled = [
        scenario("alone", exclusive=True, estimate=99),
        scenario("short"),
        scenario("long", estimate=9),
        BASELINE,
    ]

    assert names(order(shuffled)) == ["baseline", "long", "short", "alone"]


def test_nothing_runs_beside_the_baseline():
    other = scenario("other")

    assert next_to_start([BASELINE, other], [], 8) is BASELINE
    assert next_to_start([other], [BASELINE], 8) is None


def test_as_many_bots_as_the_host_bears():
    light, heavy = scenario("light"), scenario("heavy", weight=3)

    assert next_to_start([heavy, light], [light, light], 4) is light
    assert next_to_start([heavy, light], [light], 4) is heavy
    assert next_to_start([light], [heavy, light], 4) is None


def test_one_that_is_heavier_than_the_host_runs_alone():
    heavy = scenario("heavy", weight=9)

    assert next_to_start([heavy], [], 4) is heavy
    assert next_to_start([heavy], [scenario("light")], 4) is None


def test_an_exclusive_one_waits_for_the_others_to_end():
    alone = scenario("alone", exclusive=True)

    assert next_to_start([alone], [scenario("x")], 8) is None
    assert next_to_start([alone], [], 8) is alone


def test_of_those_that_would_meet_each_other_one_runs_at_a_time():
    first, second, private = scenario("first"), scenario("second"), scenario("private")

    def would_meet(one):
        return one is not private

    assert next_to_start([second], [first], 8, would_meet) is None
    assert next_to_start([second, private], [first], 8, would_meet) is private
    assert next_to_start([second], [private], 8, would_meet) is second
    assert next_to_start([second], [], 8, would_meet) is second
