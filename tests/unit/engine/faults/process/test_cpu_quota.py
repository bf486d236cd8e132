"""``cpu_quota``: the kernel itself says how often it has held a real process back."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from fleet_stress.faults.process.cpu_quota import FAULT
from fleet_stress.faults.protocol import Where
from fleet_stress.recovery.undo import KINDS
from fleet_stress.system import cgroups, process
from tests.unit.engine.faults.conftest import make_site

QUOTA = {"share": 0.05}


@pytest.fixture
def site(tmp_path):
    if not cgroups.plan("any", ("cpu",)):
        pytest.skip("no cpu controller can be written here")
    site = make_site(tmp_path, mark=f"run{os.getpid()}/{tmp_path.name}")
    yield site
    for needed in FAULT.undo(site, QUOTA):
        KINDS[needed.kind].undo(**needed.arguments)


@pytest.fixture
def start():
    started = []

    def start(program, doors=()):
        argv = [sys.executable, "-c", program]
        started.append(
            subprocess.Popen(
                argv, stdin=subprocess.PIPE, preexec_fn=lambda: [os.write(one, b"0") for one in doors]
            )
        )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


def until_held_back(memory):
    deadline = time.monotonic() + 30
    while not FAULT.met(memory):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.root
@pytest.mark.linux
class TestWithGroups:
    def test_who_runs_and_who_is_started_later_is_held_back(self, site, start):
        busy = [start("while True: pass")]
        site = site._replace(processes=lambda: [psutil.Process(one.pid) for one in busy])
        memory = FAULT.apply(site, QUOTA)
        with cgroups.doors(site.groups) as doors:
            busy.append(start("while True: pass", doors))
        assert set(cgroups.members(memory["group"].path)) == {one.pid for one in busy}
        until_held_back(memory)

        proof = FAULT.prove(site, QUOTA, memory)

        assert (proof.bit, proof.details["outside"]) == (True, [])
        assert proof.details["held_back"] > 0
        FAULT.revert(site, QUOTA, memory)
        assert not memory["group"].path.exists()
        assert site.groups == []
        assert all(process.alive(psutil.Process(one.pid)) for one in busy)

    def test_one_that_does_nothing_proves_nothing(self, site, start):
        idle = start("input()")
        site = site._replace(processes=lambda: [psutil.Process(idle.pid)])
        memory = FAULT.apply(site, {"share": 1})
        proof = FAULT.prove(site, {"share": 1}, memory)
        FAULT.revert(site, {"share": 1}, memory)
        assert not proof.bit
        assert "has not held it back" in proof.details["why"]

    def test_who_got_out_of_it_is_seen(self, site, start):
        busy = start("while True: pass")
        site = site._replace(processes=lambda: [psutil.Process(busy.pid)])
        memory = FAULT.apply(site, QUOTA)
        until_held_back(memory)
        cgroups.add(memory["group"]._replace(path=cgroups.home(memory["group"])), busy.pid)
        assert "outside of the group" in FAULT.prove(site, QUOTA, memory).details["why"]
        FAULT.revert(site, QUOTA, memory)


def test_without_a_controller_it_is_not_promised(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "plan", lambda *_: [])
    cannot = FAULT.supported(Where(tmp_path, {}, None), QUOTA)
    assert "no control group for the processor" in cannot.reason
