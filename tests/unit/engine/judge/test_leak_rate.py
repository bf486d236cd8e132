"""A leak with cycles is told from one with hours by two starts of a different pace."""

import random
from types import SimpleNamespace

import pytest

from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.readings import leak_rate, trends

#: Bytes of a page: what the kernel counts in.
PAGE = 4096


def samples(*, per_cycle=0.0, per_hour=0.0, slow_interval=60.0, noise=2 * PAGE, seed=1):
    """Ten minutes of ten cycles a second, and ten of a cycle a minute."""
    chance, found = random.Random(seed), []
    for start, interval in ((1, 0.1), (2, slow_interval)):
        for second in range(600):
            cycles = int(second / interval)
            held = 2e7 + per_cycle * cycles + per_hour * second / 3600 + chance.uniform(0, noise)
            at = start * 1000 + second
            found.append({"start": start, "at": at, "cycles": cycles, "anonymous": held // PAGE * PAGE})
            found[-1] |= {"handles": 7, "threads": 1, "processes": 1}
    return found


@pytest.mark.parametrize("size", [1_024, 10_240, 102_400])
def test_a_leak_with_cycles(size):
    leak = leak_rate.of_starts(samples(per_cycle=size), "anonymous")
    assert leak.per_cycle.low <= size <= leak.per_cycle.high
    assert leak.per_cycle.value == pytest.approx(size, rel=0.02)
    assert not leak.per_hour.is_certain
    assert leak_rate.per_cycle(samples(per_cycle=size), "anonymous").value == pytest.approx(size, rel=0.02)


def test_a_leak_with_hours():
    leak = leak_rate.of_starts(samples(per_hour=20e6), "anonymous")
    assert leak.per_hour.value == pytest.approx(20e6, rel=0.05)
    assert not leak.per_cycle.is_certain


def test_both():
    leak = leak_rate.of_starts(samples(per_cycle=1_024, per_hour=20e6), "anonymous")
    assert leak.per_cycle.value == pytest.approx(1_024, rel=0.05)
    assert leak.per_cycle.is_certain
    assert leak.per_hour.is_certain
    assert leak.per_hour.value == pytest.approx(20e6, rel=0.05)


def test_two_starts_of_one_pace_cannot_tell():
    assert leak_rate.of_starts(samples(per_cycle=1_024, slow_interval=0.1), "anonymous") is None


def test_what_nobody_measured_cannot_be_told():
    unknown = [{**sample, "anonymous": None} for sample in samples()]
    assert leak_rate.of_starts(unknown, "anonymous") is None
    assert leak_rate.per_cycle(unknown, "anonymous") is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("leak", [{}, {"per_cycle": 102_400}, {"per_hour": 1e6}])
def test_nothing_is_said_to_leak_with_time_that_does_not(leak, seed):
    """Ten minutes are not six hours: what would be less than the stress plan's limit there is not blamed."""
    assert list(trends.with_time(samples(**leak, noise=20 * PAGE, seed=seed), 0.2)) == []


def test_what_leaks_with_time_is_found_in_minutes():
    [(quantity, leak)] = trends.with_time(samples(per_hour=20e6), 0.2)
    assert quantity.subject == "memory"
    assert leak.per_hour.value == pytest.approx(20e6, rel=0.05)


def test_an_hour_is_one_of_a_bot_that_is_not_hurried():
    [memory, *_] = trends.judged(samples(per_cycle=102_400))
    assert memory.clock.cycles_an_hour == pytest.approx(60, rel=0.2)


class Sampled(SimpleNamespace):
    """A case of which only the samples are read; as a case, it is like none but itself."""

    __hash__ = object.__hash__


def reasons(**leak):
    case = Sampled(evidence={"samples": samples(**leak)}, starts=[], bot={})
    return [finding.reason for finding in CHECKS["memory_trend"].judge(case, {"warm_up_cycles": 0})]


def test_a_reason_says_with_what_it_leaks():
    [with_cycles] = reasons(per_cycle=102_400)
    assert with_cycles.endswith("; it comes with cycles, not with time")
    [with_time] = reasons(per_hour=20e6)
    assert with_time.startswith("memory (anonymous) grows with time, whatever its cycles do: by 20")
