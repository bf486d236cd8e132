"""Waits until a bot has ended or met a fault: what of it is enough."""

from types import SimpleNamespace

import pytest

from fleet_stress.scenario.early_end import CutShort
from fleet_stress.scenario.waits import Waits

MET = {"until": "met", "cycles": 3, "within": 4000.0, "then": 0.0}


class Raised:
    """A bot whose worker the fault ends at each look; its supervisor, if it has one, starts it again."""

    def __init__(self, supervised):
        self.supervised, self.running, self.entry = supervised, True, {"n": 2}
        self.ended, self.sent = 0, []

    def started(self):
        return self

    def send(self, name):
        self.sent.append(name)
        self.running = False

    def await_event(self, happened, _what, _within):
        while not happened():
            assert self.ended < 50
            self.ended += 1
            self.running = self.running and self.supervised

    def pass_time(self, seconds):
        pass


def raised(until, *, supervised, **arguments):
    """What was sent to the bot, and the notes."""
    bot, notes = Raised(supervised), []
    fault = SimpleNamespace(ended=lambda: bot.ended)
    arena = SimpleNamespace(
        watch=SimpleNamespace(cycles=0), bot={}, evidence=SimpleNamespace(note=notes.append)
    )
    waits = Waits(arena, bot, [SimpleNamespace(fault=fault)])
    waits.run({"until": until, "cycles": 3, "within": 9.0, "then": 0.0, **arguments})
    return bot.sent, notes


@pytest.mark.parametrize("until", ["exit", "cycles"])
def test_a_bot_that_raises_its_worker_again_and_again_is_ended(until):
    sent, notes = raised(until, supervised=True, may_end=True)
    assert sent == ["KILL"]
    assert notes == [
        "start 2: the fault has ended processes of the bot 10 times, and the bot has started them again: it was ended"
        " as a whole"
    ]


def test_one_that_ends_by_itself_is_not():
    assert raised("exit", supervised=False, may_end=True) == ([], [])


def test_nor_one_that_is_not_expected_to_end():
    with pytest.raises(AssertionError):
        raised("exit", supervised=True)


@pytest.mark.parametrize(
    ("hits", "counts_hits", "goes_on"), [(1, False, True), (0, False, False), (1, True, False)]
)
def test_one_that_tells_of_a_failure_only_when_it_begins_has_met_it(hits, counts_hits, goes_on, monkeypatch):
    clock, notes = SimpleNamespace(now=1000.0), []
    monkeypatch.setattr("time.monotonic", lambda: clock.now)

    def await_event(happened, _what, within, late):
        for _ in range(int(within)):
            if happened():
                return
            clock.now += 1.0
        raise CutShort(late, "the deadline is over")

    fault = SimpleNamespace(
        name="fd_limit",
        counts_hits=counts_hits,
        hits_by_message=False,
        cannot_hit=lambda: None,
        hits=lambda: hits,
    )
    bot = SimpleNamespace(await_event=await_event, pass_time=lambda _: None)
    arena = SimpleNamespace(
        watch=SimpleNamespace(cycles=0), bot={}, evidence=SimpleNamespace(note=notes.append)
    )
    waits = Waits(arena, bot, [SimpleNamespace(fault=fault)])
    if goes_on:
        waits.run({**MET, "within": 50.0})
        assert notes == ["wait for the bot to hit the fault 3 times: it told of 1, and of no more"]
        assert clock.now == 1045.0
    else:
        with pytest.raises(CutShort) as cut:
            waits.run({**MET, "within": 50.0})
        assert cut.value.args[0] == "not_met"


@pytest.mark.parametrize("late", [False, True])
def test_samples_are_ours_to_take_so_too_few_are_not_blamed_on_the_bot(late):
    taken = iter([7, 7, 8, 9])

    def await_event(happened, _what, _within, late):
        while not happened():
            if wanted > 2:
                raise CutShort(late, "the deadline is over")

    wanted = 5 if late else 2
    bot = SimpleNamespace(samples=lambda: next(taken), await_event=await_event, pass_time=lambda _: None)
    waits = Waits(SimpleNamespace(watch=SimpleNamespace(cycles=0), bot={}), bot, [])
    step = {"until": "samples", "cycles": wanted, "within": 9.0, "then": 0.0}
    if not late:
        assert waits.run(step) == "done"
        assert next(taken, None) is None
    else:
        with pytest.raises(CutShort, match="not_met"):
            waits.run(step)
