"""Waits until a bot has met a fault: how long one that never does is waited for."""

from types import SimpleNamespace

import pytest

from fleet_stress.scenario.early_end import CutShort
from fleet_stress.scenario.waits import Waits

MET = {"until": "met", "cycles": 3, "within": 4000.0, "then": 0.0}


class Bot:
    """Finishes cycles as long as somebody waits, and asks its exchange in some of them."""

    def __init__(self, watch, asks_every):
        self._watch, self._every = watch, asks_every

    def hits(self):
        return self._watch.cycles // self._every

    def await_event(self, happened, _what, within, late):
        while not happened():
            assert self._watch.cycles < within, late
            self._watch.cycles += 1

    def pass_time(self, seconds):
        pass


def waits_for(name, asks_every):
    """After how many cycles the wait was over."""
    watch = SimpleNamespace(cycles=0)
    bot = Bot(watch, asks_every)
    fault = SimpleNamespace(
        name=name, counts_hits=True, hits_by_message=False, cannot_hit=lambda: None, hits=bot.hits
    )
    arena = SimpleNamespace(watch=watch, bot={})
    Waits(arena, bot, [SimpleNamespace(fault=fault)]).run(MET)
    return watch.cycles


def test_one_that_asks_its_exchange_seldom_is_waited_for():
    assert waits_for("bad_exchange", asks_every=400) == 1200


def test_one_that_asks_nothing_is_not_waited_for_until_the_deadline():
    with pytest.raises(CutShort, match="not once in 500 cycles") as cut:
        waits_for("bad_exchange", asks_every=10_000)
    assert cut.value.args[0] == "not_met"


def test_a_disk_may_be_met_as_late_as_the_deadline_allows():
    assert waits_for("fill", asks_every=1000) == 3000
