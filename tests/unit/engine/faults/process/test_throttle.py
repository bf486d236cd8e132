"""``throttle``: the kernel itself says that each thread and child of the bot is the least there is."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from fleet_stress import system
from fleet_stress.faults.process.throttle import Throttle
from fleet_stress.recovery.undo import KINDS
from fleet_stress.system import cgroups, process
from tests.unit.engine.faults.conftest import applied, make_site

#: A thread and a child beside the main thread; says when all are there.
BOT = """
import subprocess, sys, threading, time
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
print("ready", flush=True)
child.wait()
time.sleep(600)
"""


@pytest.fixture
def bot():
    started = subprocess.Popen([sys.executable, "-c", BOT], stdout=subprocess.PIPE, text=True)
    assert started.stdout.readline() == "ready\n"
    yield started
    process.end_all(process.descendants(started.pid))
    started.kill()
    started.wait()
    started.stdout.close()


def site_of(tmp_path, *pids):
    def processes():
        return [item for pid in pids for item in (psutil.Process(pid), *process.descendants(pid))]

    return make_site(tmp_path, processes=processes, mark=f"run{os.getpid()}/{tmp_path.name}")


def niceness(pid):
    return {priority.nice for priority in system.priorities(pid)}


def test_each_thread_and_child_and_whoever_comes_later(tmp_path, bot):
    site = site_of(tmp_path, bot.pid)
    [child] = process.descendants(bot.pid)
    usual = niceness(bot.pid)
    assert usual != {19}

    fault = applied(Throttle, site, {})
    proof = fault.prove()

    assert niceness(bot.pid) == niceness(child.pid) == {19}
    if sys.platform == "linux":
        assert len(system.priorities(bot.pid)) == 2
        assert all(
            priority.io_idle for priority in (*system.priorities(bot.pid), *system.priorities(child.pid))
        )
    assert proof.took_effect
    assert {item["pid"] for item in proof.details["read_back"]} == {bot.pid, child.pid}
    assert proof.details["cpu_share"] >= 0

    after = fault.revert()
    if os.geteuid() == 0:
        assert niceness(bot.pid) == usual
        assert after["given_back"]
    else:
        assert after["given_back"] is False


def test_nobody_to_slow_down_proves_nothing(tmp_path):
    site = site_of(tmp_path)
    fault = applied(Throttle, site, {})

    proof = fault.prove()

    assert not proof.took_effect
    assert "no process of the bot ran" in proof.details["why"]


def test_who_got_out_of_it_is_seen(tmp_path, bot):
    site = site_of(tmp_path, bot.pid)
    fault = applied(Throttle, site, {})
    if os.geteuid() != 0:
        pytest.skip("only root can take niceness back")
    psutil.Process(bot.pid).nice(0)

    assert not fault.prove().took_effect


def test_what_cannot_be_limited_is_said(tmp_path, bot, monkeypatch):
    monkeypatch.setattr(cgroups, "plan", lambda *_, **__: [])
    site = site_of(tmp_path, bot.pid)
    assert Throttle(site, {"cpu": 0.1}).undo() == ()

    fault = applied(Throttle, site, {"cpu": 0.1, "io_bytes": 100000})
    proof = fault.prove()

    assert proof.took_effect, "niceness is what the plan asks for"
    assert set(proof.details["limits"]) == {"cpu", "io"}
    assert all("not to be had" in told for told in proof.details["limits"].values())


@pytest.mark.root
@pytest.mark.linux
def test_one_that_ends_before_it_is_put_into_a_group_is_no_matter(tmp_path, bot, monkeypatch):
    """The `sleep` of a shell that works in cycles."""
    site = site_of(tmp_path, bot.pid)
    if not Throttle(site, {"cpu": 0.05}).undo():
        pytest.skip("no cpu controller can be written here")
    add = cgroups.add

    def add_late(group, pid):
        if pid != bot.pid:
            process.end_all(process.descendants(bot.pid))
            raise ProcessLookupError(pid)
        add(group, pid)

    monkeypatch.setattr(cgroups, "add", add_late)
    fault = applied(Throttle, site, {"cpu": 0.05})
    assert bot.pid in cgroups.members(fault._groups[0].path)
    fault.revert()


@pytest.mark.root
@pytest.mark.linux
def test_a_limit_of_the_processor_holds_and_goes(tmp_path, bot):
    site = site_of(tmp_path, bot.pid)
    needed = Throttle(site, {"cpu": 0.05}).undo()
    if not needed:
        pytest.skip("no cpu controller can be written here")
    [record] = needed
    fault = applied(Throttle, site, {"cpu": 0.05})
    [group] = fault._groups
    [child] = process.descendants(bot.pid)  # it never sleeps

    assert set(cgroups.members(group.path)) == {bot.pid, child.pid}
    deadline = time.monotonic() + 30
    while not cgroups.throttled(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    proof = fault.prove()
    assert proof.details["throttled"]["cpu"] > 0
    assert proof.details["limits"]["cpu"].split()[0] == "5000"

    fault.revert()
    assert KINDS[record.kind].gone(**record.arguments)
    assert process.alive(child), "it lives on, without the limit"


@pytest.mark.root
@pytest.mark.linux
def test_a_group_is_removed_with_somebody_in_it_and_only_if_it_is_ours(tmp_path, bot):
    groups = cgroups.plan(f"run{os.getpid()}/{tmp_path.name}", ("cpu",))
    if not groups:
        pytest.skip("no cpu controller can be written here")
    [group] = groups
    assert KINDS["remove_cgroup"].gone(path=str(group.path))
    cgroups.make(group, cpu=0.5, io=None, disk=tmp_path)
    cgroups.add(group, bot.pid)
    assert not KINDS["remove_cgroup"].gone(path=str(group.path))

    for _ in range(2):
        KINDS["remove_cgroup"].undo(path=str(group.path))
    assert KINDS["remove_cgroup"].gone(path=str(group.path))
    assert bot.poll() is None

    with pytest.raises(ValueError, match="not a group of ours"):
        cgroups.remove(group.path.parent)


def test_groups_are_looked_for_where_they_are_mounted(tmp_path):
    (tmp_path / "two").mkdir()
    (tmp_path / "one").mkdir()
    (tmp_path / "two/cgroup.subtree_control").write_text("memory cpu\n")
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"cgroup2 {tmp_path}/two cgroup2 rw 0 0\ncgroup {tmp_path}/one cgroup rw,blkio 0 0\n"
        f"cgroup {tmp_path}/gone cgroup rw,cpuset 0 0\n"
    )

    found = cgroups.plan("run-1/throttled", ("cpu", "io"), mounts)

    assert [(item.controller, item.version, str(item.path)) for item in found] == [
        ("cpu", 2, f"{tmp_path}/two/fleet-stress-run-1-throttled"),
        ("io", 1, f"{tmp_path}/one/fleet-stress-run-1-throttled"),
    ]
    (tmp_path / "two/cgroup.subtree_control").write_text("memory cpuset\n")
    assert [item.controller for item in cgroups.plan("x", ("cpu",), mounts)] == []
