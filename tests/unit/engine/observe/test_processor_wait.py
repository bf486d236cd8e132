"""How long a bot was kept waiting for a processor, by its thread that waited longest."""

import os

import psutil
import pytest

from fleet_stress import system
from fleet_stress.observe.processor_wait import ProcessorWait


@pytest.mark.linux
def test_the_kernel_tells_it_of_each_thread():
    waited = system.kept_waiting(os.getpid())

    assert os.getpid() in waited
    assert all(seconds >= 0 for seconds in waited.values())


def test_a_process_that_is_gone_has_not_waited():
    assert system.kept_waiting(2**22 + 1) == {}


@pytest.mark.parametrize(
    ("looks", "share"),
    [
        ([{7: 1.0, 8: 6.0}, {7: 2.0, 8: 12.0}], 0.6),
        ([{7: 0.0}, {7: 99.0}], 1.0),
        ([{7: 0.3}, {7: 0.3, 8: 0.2}], 0.0),  # the second thread was seen once: it says nothing yet
        ([{7: 0.3}], None),
        ([{}, {}], None),
    ],
)
def test_the_thread_that_waited_longest_between_two_looks_counts(monkeypatch, looks, share):
    now, told = [100.0], iter(looks)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(system, "kept_waiting", lambda _pid: next(told))
    wait = ProcessorWait()
    for _ in looks:
        wait.look([psutil.Process()])
        now[0] += 10.0

    assert wait.describe()["kept_waiting"] == share


def test_what_it_waits_from_a_signal_on_is_told_apart(monkeypatch):
    """A bot that sleeps has not waited, and then the host has no processor for its end."""
    now, told = [100.0], iter([{7: 0.0}, {7: 0.5}, {7: 10.0}])
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(system, "kept_waiting", lambda _pid: next(told))
    wait = ProcessorWait()
    wait.look([psutil.Process()])
    now[0] += 90.0
    wait.signalled([psutil.Process()])
    now[0] += 10.0
    wait.look([psutil.Process()])

    assert wait.describe() == {"kept_waiting": 0.1, "kept_waiting_to_stop": 0.95}
