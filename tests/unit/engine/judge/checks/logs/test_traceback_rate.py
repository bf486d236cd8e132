"""``traceback_rate``: one in a hundred cycles is bearable, one a cycle is a storm."""

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def ran(story, cycles, log=""):
    story.starts()
    for _ in range(cycles):
        story.cycle(without=("log/errors.log",))
    story.writes("log/errors.log", log)
    story.exits()


def test_a_few_are_bearable(story, traceback):
    ran(story, 20, traceback)
    assert story.told("traceback_rate", at_most=1, cycles=100) == []


def test_a_storm_is_not(story, traceback):
    ran(story, 20, traceback * 20)
    assert story.told("traceback_rate", at_most=1, cycles=100) == [
        (FAILED, "KeyError: 3 at main.py:7: 20 times in 20 cycles, where 1 in 100 are bearable")
    ]


def test_the_more_cycles_the_more_may_come(story, traceback):
    ran(story, 30, traceback * 3)
    assert story.told("traceback_rate", at_most=1, cycles=10) == []
    assert [one[0] for one in story.told("traceback_rate", at_most=1, cycles=20)] == [FAILED]


def test_no_cycle_proves_nothing(story):
    ran(story, 0)
    assert [one[0] for one in story.told("traceback_rate")] == [NOT_EXERCISED]
