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


@pytest.mark.parametrize(("waited", "share"), [({7: 1.0, 8: 6.0}, 0.6), ({7: 99.0}, 1.0), ({}, None)])
def test_the_thread_that_waited_longest_counts(monkeypatch, waited, share):
    now = iter([100.0, *[110.0] * 10])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    monkeypatch.setattr(system, "kept_waiting", lambda _pid: waited)
    wait = ProcessorWait()
    wait.look([psutil.Process()])

    assert wait.describe() == {"kept_waiting": share}
