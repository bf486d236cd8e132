"""A kill that waits for a write in vain: proof for the bot, if others met one, and nothing else."""

from types import SimpleNamespace

import pytest

from fleet_stress.scenario.early_end import CutShort
from fleet_stress.scenario.sent_signals import SentSignals

AIMED = {"signal": "KILL", "aim": "state_write", "within": 1.0}


class Bot:
    """One whose writes are met as ``meets`` says, start by start."""

    def __init__(self, meets):
        self.meets, self.entry, self.running = meets, {"n": 0, "signals": []}, True
        self.document, self.notes = {"starts": [self.entry]}, []

    def hold_in_mid_write(self, _within):
        self.met = self.meets.pop(0)
        return self.met

    def send(self, name):
        self.entry["signals"].append({"signal": name, "writing": ["state.json"] if self.met else []})

    def wait(self, _until, _within):
        return "done"

    def end(self):
        self.running = False


def signals(bot):
    evidence = SimpleNamespace(document=bot.document, note=bot.notes.append)
    arena = SimpleNamespace(evidence=evidence, watch=SimpleNamespace(cycles=7), bot={"stop_within": 1.0})
    return SentSignals(arena, SimpleNamespace(started=lambda: bot))


def test_one_that_was_never_met_proves_nothing():
    bot = Bot([False])
    with pytest.raises(CutShort) as cut:
        signals(bot).run(AIMED)
    assert cut.value.args == ("not_met", "SIGKILL in mid-write: not within 1 s: no write was met in 7 cycles")
    assert not bot.running


def test_after_one_that_was_met_the_rest_come_at_any_moment():
    bot = Bot([True, False])
    sent = signals(bot)
    for _ in range(4):  # it is waited for in vain once
        bot.met = False
        sent.run(AIMED)
    assert [bool(signal["writing"]) for signal in bot.entry["signals"]] == [True, False, False, False]
    assert bot.notes == [
        "1 of the kills met a write; then no write was met in 7 cycles and 1 s, so the rest came at any moment"
    ]
