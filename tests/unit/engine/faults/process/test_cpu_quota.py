"""``cpu_quota``: the kernel itself says how often it has held a real process back."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from fleet_stress.faults.process.cpu_quota import CpuQuota
from fleet_stress.faults.site import Where
from fleet_stress.recovery.undo import KINDS
from fleet_stress.system import cgroups, process
from tests.unit.engine.faults.conftest import applied, changed, make_site

QUOTA = {"share": 0.05}


@pytest.fixture
def site(tmp_path):
    if not cgroups.plan("any", ("cpu",)):
        pytest.skip("no cpu controller can be written here")
    site = make_site(tmp_path, mark=f"run{os.getpid()}/{tmp_path.name}")
    yield site
    for needed in CpuQuota(site, QUOTA).undo():
        KINDS[needed.kind].undo(**needed.arguments)


@pytest.fixture
def start():
    started = []

    def start(program, doors=()):
        argv = [sys.executable, "-c", program]
        started.append(
            subprocess.Popen(
                argv, stdin=subprocess.PIPE, preexec_fn=lambda: [os.write(door, b"0") for door in doors]
            )
        )
        return started[-1]

    yield start
    for item in started:
        item.kill()
        item.communicate()


def until_held_back(fault):
    deadline = time.monotonic() + 30
    while not fault.hits():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def idle_one(start, folder):
    """One that does nothing: on a busy host a Python needs a while, and processor time, to get there."""
    started = start(f"open({str(folder / 'ready')!r}, 'w'); input()")
    deadline = time.monotonic() + 30
    while not (folder / "ready").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return started


@pytest.mark.root
@pytest.mark.linux
class TestWithGroups:
    def test_who_runs_and_who_is_started_later_is_held_back(self, site, start):
        busy = [start("while True: pass")]
        site = changed(site, processes=lambda: [psutil.Process(item.pid) for item in busy])
        fault = applied(CpuQuota, site, QUOTA)
        with cgroups.doors(site.next_start.groups) as doors:
            busy.append(start("while True: pass", doors))
        assert set(cgroups.members(fault._group.path)) == {item.pid for item in busy}
        until_held_back(fault)

        proof = fault.prove()

        assert (proof.took_effect, proof.details["outside"]) == (True, [])
        assert proof.details["held_back"] > 0
        fault.revert()
        assert not fault._group.path.exists()
        assert site.next_start.groups == []
        assert all(process.alive(psutil.Process(item.pid)) for item in busy)

    def test_one_that_does_nothing_proves_nothing(self, site, start, tmp_path):
        idle = idle_one(start, tmp_path)
        site = changed(site, processes=lambda: [psutil.Process(idle.pid)])
        fault = applied(CpuQuota, site, {"share": 1})
        proof = fault.prove()
        fault.revert()
        assert not proof.took_effect
        assert "has not held it back" in proof.details["why"]

    def test_one_that_needs_less_than_the_least_cannot_be_hit(self, site, start, tmp_path):
        idle = idle_one(start, tmp_path)
        site = changed(site, processes=lambda: [psutil.Process(idle.pid)])
        fault = applied(CpuQuota, site, {"share": 0.02, "of_need": 0.2, "measured_for": 0.2})
        proof = fault.prove()
        fault.revert()
        assert not proof.took_effect
        assert proof.details["nothing_to_hit"]

    def test_one_that_turns_out_to_need_less_cannot_be_hit(self, site, start, tmp_path):
        idle = idle_one(start, tmp_path)
        site = changed(site, processes=lambda: [psutil.Process(idle.pid)])
        fault = applied(CpuQuota, site, {"share": 0.02, "measured_for": 0.02})
        assert fault.cannot_hit() is None  # nobody knows yet
        time.sleep(0.2)
        assert fault.prove().details["nothing_to_hit"]
        fault.revert()

    def test_a_starved_one_can_be_hit_however_long_it_takes(self, site, start):
        busy = start("while True: pass")
        site = changed(site, processes=lambda: [psutil.Process(busy.pid)])
        fault = applied(CpuQuota, site, {"share": 0.02, "measured_for": 0.02})
        until_held_back(fault)
        assert fault.cannot_hit() is None
        fault.revert()

    def test_who_got_out_of_it_is_seen(self, site, start):
        busy = start("while True: pass")
        site = changed(site, processes=lambda: [psutil.Process(busy.pid)])
        fault = applied(CpuQuota, site, QUOTA)
        until_held_back(fault)
        cgroups.add(fault._group._replace(path=cgroups.home(fault._group)), busy.pid)
        assert "outside of the group" in fault.prove().details["why"]
        fault.revert()


def test_without_a_controller_it_is_not_promised(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "plan", lambda *_, **__: [])
    cannot = CpuQuota.supported(Where(tmp_path, {}, None), QUOTA)
    assert "no control group for the processor" in cannot.reason
