"""A bot stands still when it waits for what a fault took away for longer than it ever took for a cycle."""

from types import SimpleNamespace

import pytest

from fleet_stress.scenario import blocked_bot
from fleet_stress.scenario.blocked_bot import BlockedBot

#: Its slowest cycle took two seconds, so it stands still after seven.
STARTS = [{"at": 1.0, "cycles": [{"at": 2.0}, {"at": 4.0}]}, {"at": 9.0, "cycles": []}]


@pytest.fixture
def world(monkeypatch):
    state = SimpleNamespace(now=100.0, blocked=True, cycles=0)
    monkeypatch.setattr(blocked_bot.time, "monotonic", lambda: state.now)
    fault = SimpleNamespace(name="dead_output", blocks=lambda: state.blocked)
    state.bot = BlockedBot([SimpleNamespace(fault=fault)], STARTS, lambda: state.cycles)
    return state


def test_it_waits_in_one_go(world):
    world.now += 6.9
    assert not world.bot()
    world.now += 0.2
    assert world.bot()
    assert "waits for what dead_output took away" in world.bot.told()


@pytest.mark.parametrize("change", [{"blocked": False}, {"cycles": 1}])
def test_whatever_it_does_between_begins_anew(world, change):
    world.now += 6.9
    for name, value in change.items():
        setattr(world, name, value)
    assert not world.bot()
    world.blocked = True
    world.now += 6.9
    assert not world.bot()
    world.now += 0.2
    assert world.bot()
