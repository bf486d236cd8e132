"""The trend of memory is judged as often right as docs/memory.md says: on series that the method was not made with."""

from tests.bench.memory_series import judged, rates, series

#: Another seed than those that the method was tried on.
SEED, NUMBER = 7, 116


def test_leaks_are_found_and_healthy_bots_left_alone():
    found = [judged(made) for made in series(NUMBER, SEED)]

    ours = rates((each.made.an_hour, each.outcome == "grows") for each in found)

    assert ours.false == 0
    assert ours.missed_2 < 0.1  # of 32
    assert ours.missed_1 < 0.2  # of 13
    plain = rates((each.made.an_hour, each.plan) for each in found)
    assert ours.missed_1 < plain.missed_1
    assert ours.missed_2 < plain.missed_2
