"""A bot that wants to outlive its arena, and to leave something behind: nothing of it does, whoever of ours dies."""

import os
import signal
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.recovery import host_lock, watchdog
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.run.leftovers import leftovers
from fleet_stress.store.layout import RunFolder
from fleet_stress.system import cgroups
from fleet_stress.system.process import user_named
from tests.unit.engine.system.adversary import NEVER_STAYS, goes_on

from .conftest import (
    FOREVER,
    RUN,
    arena_of,
    bots_of,
    evidence,
    result,
    scenario,
    start,
    until,
    verdicts,
    wait,
)

pytestmark = [pytest.mark.root, pytest.mark.linux]

BEAT = f"BEAT = os.environ['STATE_DIR'] + '/beat'\n{NEVER_STAYS}"
ONCE = scenario("once", [start(3), wait("exit")])


def beat_of(run_dir, name):
    return Path(run_dir, "arenas", name, "state/beat")


def groups():
    """Control groups of this run's arenas, in all hierarchies."""
    return [path for root in set(cgroups.roots().values()) for path in root.glob(f"{cgroups.PREFIX}{RUN}*")]


def test_a_process_that_never_stays_is_seen_and_ends_with_its_bot(make_plan):
    run_dir = hand_over(make_plan([ONCE], before=BEAT))["run_dir"]
    found = result(run_dir)

    assert found["leftovers"] == []
    assert not goes_on(beat_of(run_dir, "once"))
    seen = evidence(run_dir, "once")
    assert seen["starts"][0]["left"], "it is told of the bot"
    assert seen["processes"]["by"] == "pids.max"
    assert seen["processes"]["limit"] >= 128
    assert seen["processes"]["reached"] == 0
    assert groups() == []


def test_it_ends_when_all_of_ours_were_killed_at_once_and_somebody_recovers(make_plan, stress_dir):
    run_dir = hand_over(make_plan([FOREVER], before=BEAT))["run_dir"]
    until(lambda: goes_on(beat_of(run_dir, "forever")), "the endless bot has started it")
    arena = arena_of(RUN, "forever")
    arena.suspend()  # it must not see its supervisor die
    for pid in (host_lock.holder(stress_dir)["pid"], watchdog.pid(RunFolder(Path(run_dir)))):
        os.kill(pid, signal.SIGKILL)
    arena.kill()
    until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is gone")
    until(lambda: not bots_of(RUN), "so is the bot, by its mark")
    assert goes_on(beat_of(run_dir, "forever")), "this one carries none"

    assert recover(stress_dir)["failed"] == []

    assert not goes_on(beat_of(run_dir, "forever"))
    assert groups() == []
    assert open_records(Path(run_dir, "journal.jsonl")) == []


LITTER = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
made = [libc.shmget(KEY, 4096, 0o1666) >= 0, libc.semget(KEY, 1, 0o1666) >= 0, libc.msgget(KEY, 0o1666) >= 0]
rt = ctypes.CDLL("librt.so.1", use_errno=True)
made.append(rt.mq_open(QUEUE, os.O_CREAT | os.O_RDWR, 0o666, None) >= 0)
for folder in ("/dev/shm", "/run/lock", "/var/tmp"):
    with open(f"{folder}/{QUEUE.decode()[1:]}", "w"):
        made.append(True)
save("made.json", made)
"""


def test_shared_memory_queues_and_files_in_shared_folders_go_with_the_arena(make_plan, stress_dir):
    user, queue = user_named("nobody"), f"/fleet-stress-test-{os.getpid()}"
    before = set(system.ipc_objects(user.uid))
    litter = f"KEY, QUEUE = {0x5F5F0000 + os.getpid() % 65536}, {queue.encode()!r}\n{LITTER}"
    run_dir = hand_over(make_plan([ONCE], before=litter))["run_dir"]
    found = result(run_dir)

    assert verdicts(found) == {"once": "passed"}
    assert (
        Path(run_dir, "arenas/once/state/made.json").read_text()
        == "[true, true, true, true, true, true, true]"
    )
    assert set(system.ipc_objects(user.uid)) <= before
    left = leftovers(stress_dir, "nobody")
    assert [path for path in left["files"] if queue[1:] in path] == []
    assert [each for each in left["ipc"] if queue in each] == []


SAME_NAME = """
import fcntl
locked = [open(f"{folder}/bot.lock", "w") for folder in ("/tmp", "/var/tmp", "/run/lock", "/dev/shm")]
for stream in locked:
    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""


def test_a_bot_may_use_one_name_in_several_shared_folders(make_plan):
    run_dir = hand_over(make_plan([ONCE], before=SAME_NAME))["run_dir"]

    assert verdicts(result(run_dir)) == {"once": "passed"}
    assert {each["path"] for each in evidence(run_dir, "once")["outside"]} == {
        *("tmp/bot.lock", "/var/tmp/bot.lock", "/run/lock/bot.lock", "shm/bot.lock")
    }
