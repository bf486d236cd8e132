"""A wait for hits of a bot that asks for nothing any more ends by its cycles, and not by a deadline."""

from types import SimpleNamespace

import pytest

from fleet_stress.scenario.early_end import CutShort
from fleet_stress.scenario.quiet import Quiet
from fleet_stress.scenario.waits import Waits


def test_a_bot_that_was_not_hit_in_so_many_cycles_is_quiet():
    quiet = Quiet(20, 100)

    assert not quiet.look(1, 110)
    assert not quiet.look(1, 129)
    assert quiet.look(1, 130)
    assert quiet.told(1) == "it was hit 1 times, and not once in its last 20 cycles"


def test_each_hit_begins_anew_and_the_cycles_before_the_wait_do_not_count():
    quiet = Quiet(20, 100)

    assert not quiet.look(0, 119)
    assert not quiet.look(3, 121)
    assert not quiet.look(4, 140)
    assert not quiet.look(4, 159)


def test_without_a_number_it_waits_on():
    assert not Quiet(None, 0).look(0, 10_000)


class Bot:
    """Finishes a cycle at each look."""

    def __init__(self, watch):
        self.watch = watch

    def await_event(self, happened, _summary, within, late="timeout"):
        for _ in range(int(within)):
            if happened():
                return
            self.watch.cycles += 1
        raise CutShort(late, "the deadline is over")


def waits_for(hits, **step):
    """What becomes of a wait for 30 hits of a fault that hits in each cycle, until so many."""
    watch = SimpleNamespace(cycles=50)
    fault = SimpleNamespace(
        counts_hits=True,
        hits_by_message=False,
        cannot_hit=lambda: None,
        hits=lambda: min(watch.cycles - 50, hits),
    )
    arena = SimpleNamespace(watch=watch, bot={}, evidence=None, tracked=[])
    waits = Waits(arena, Bot(watch), [SimpleNamespace(fault=fault)])
    step = {"until": "met", "cycles": 30, "within": 500.0, "then": 0.0, **step}
    with pytest.raises(CutShort) as cut:
        waits.run(step)
    return cut.value.args, watch.cycles


def test_a_feed_that_has_died_is_waited_for_as_long_as_it_was_watched_before():
    (outcome, why), cycles = waits_for(7, not_hit_in=40)

    assert outcome == "not_met"
    assert "it was hit 7 times, and not once in its last 40 cycles" in why
    assert cycles == 50 + 7 + 40


def test_a_wait_without_that_has_its_deadline():
    assert waits_for(7) == (("not_met", "the deadline is over"), 550)
