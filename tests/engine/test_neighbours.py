"""Arenas side by side: no bot meets its own copy, whatever it takes of the network."""

import os
import signal
import socket
from pathlib import Path

import pytest

from fleet_stress.recovery.journal import entries
from fleet_stress.run.handover import hand_over
from fleet_stress.scenario import neighbours
from fleet_stress.store.layout import RunFolder

from .conftest import (
    BASELINE,
    FOREVER,
    RUN,
    bots_of,
    evidence,
    result,
    scenario,
    start,
    until,
    verdicts,
    wait,
)
from .test_deaths import arena_of, bot_of, supervisor
from .test_network import networks


def takes(port):
    """A bot with a port and an abstract socket, as services have, that another copy of it cannot have."""
    return f"""
import socket
held = [socket.create_server(("127.0.0.1", {port})), socket.socket(socket.AF_UNIX)]
if sys.platform == "linux":
    held[1].bind("\\0fleet-stress-test-{port}")
"""


@pytest.fixture
def port():
    """One that is free now: tests in the host's network run side by side, too."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


#: Long enough for all of them to run at once.
TWICE = [start(5), wait("exit"), start(3), wait("exit")]
#: Twice, so that what each start takes is seen.
BASELINE_TWICE = {**BASELINE, "steps": [start(3, 0.3), wait("exit"), start(3, 0.3), wait("exit")]}
BESIDE = [BASELINE_TWICE, *(scenario(name, TWICE) for name in ("one", "two", "three"))]


def at_once(run_dir):
    """How many arenas besides the baseline ran at the same time, at most."""
    now = most = 0
    for entry in entries(Path(run_dir, "journal.jsonl")):
        now += (entry["what"] == "scenario_started") - (entry["what"] == "scenario_ended")
        most = max(most, now)
    return most


@pytest.mark.root
@pytest.mark.linux
def test_side_by_side_in_networks_of_their_own(make_plan, port):
    run_dir = hand_over(make_plan(BESIDE, before=takes(port)))["run_dir"]

    assert set(verdicts(result(run_dir)).values()) == {"passed"}
    assert at_once(run_dir) > 1
    seen = evidence(run_dir, "one")
    assert seen["network"] == {"kind": "own", "looked_elsewhere": {}}


def test_one_after_another_in_the_hosts_network(make_plan, port):
    """What two starts of the baseline took is seen."""
    run_dir = hand_over(make_plan(BESIDE[:-1], before=takes(port), network="host"))["run_dir"]

    found = result(run_dir)
    assert set(verdicts(found).values()) == {"passed"}
    assert at_once(run_dir) == 1
    [note] = found["scenarios"][0]["notes"]
    assert "its rows run one after another" in note
    assert f"tcp port {port}" in note


@pytest.mark.root
@pytest.mark.linux
def test_a_bot_that_looks_for_something_outside_gets_the_hosts_network(make_plan):
    """It asks a program on the host's loopback; its baseline runs again, and it is there."""
    with socket.create_server(("127.0.0.1", 0)) as outside:
        asks = f"""
import socket
with socket.create_connection(("127.0.0.1", {outside.getsockname()[1]}), 5):
    pass
"""
        run_dir = hand_over(make_plan([BASELINE_TWICE, BESIDE[1]], before=asks))["run_dir"]
        assert verdicts(result(run_dir)) == {"baseline": "passed", "one": "passed"}
    [again] = entries(Path(run_dir, "journal.jsonl"), "baseline_again")
    assert "looked in vain" in again["why"]
    assert (
        evidence(run_dir, "baseline")["network"]["kind"]
        == evidence(run_dir, "one")["network"]["kind"]
        == "host"
    )
    # A supervisor that resumes the run knows it, too.
    known = neighbours.stored(RunFolder(Path(run_dir)))
    assert known.network == "host"


@pytest.mark.root
@pytest.mark.linux
@pytest.mark.parametrize("who", ["arena", "supervisor"])
def test_kill_9_leaves_no_network(make_plan, stress_dir, port, who):
    run_dir = hand_over(make_plan([FOREVER], before=takes(port)))["run_dir"]
    until(lambda: bot_of(RUN, "forever"), "the bot runs")
    arena = arena_of(RUN, "forever")
    mine = str(Path(f"/proc/{bot_of(RUN, 'forever')[0]}/ns/net").readlink())
    assert mine != str(Path("/proc/self/ns/net").readlink())

    os.kill(arena.pid if who == "arena" else supervisor(stress_dir), signal.SIGKILL)

    until(lambda: not bots_of(RUN) and arena_of(RUN, "forever") is None, "both are gone")
    # Another test may be given the same number for a moment.
    until(lambda: mine not in networks(), "the network is gone")
    if who == "arena":
        assert verdicts(result(run_dir)) == {"forever": "error"}
