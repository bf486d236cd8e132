"""A cable that a person pulls: the host is a network namespace of the test, and so is the person's hand."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleet_stress.recovery.journal import entries

from .conftest import scenario, start, until, wait

pytestmark = [pytest.mark.root, pytest.mark.linux]

#: Runs a scenario with the engine in a network of its own, in which a link carries the default route; a line on its
#: input pulls the cable (``down``) or puts it back (``up``).
HOST = """
import os, subprocess, sys
sys.path.insert(0, sys.argv[1])
from fleet_stress import system
from fleet_stress.system.programs import run
far = system.new_network()
near = system.new_network()
run(["ip", "link", "add", "wire0", "type", "veth", "peer", "name", "far0", "netns", f"/proc/{os.getpid()}/fd/{far}"])
run(["ip", "addr", "add", "192.0.2.2/24", "dev", "wire0"])
run(["ip", "link", "set", "wire0", "up"])
def hand(state):
    system.enter_network(far)
    assert run(["ip", "link", "set", "far0", state]).code == 0
    system.enter_network(near)
hand("up")
assert run(["ip", "route", "add", "default", "via", "192.0.2.1"]).code == 0
arena = subprocess.Popen([sys.executable, "-I", "-m", "fleet_stress", "arena", sys.argv[2], "hand"],
                         cwd=sys.argv[1], stdin=subprocess.DEVNULL)
print("ready", flush=True)
for line in sys.stdin:
    hand(line.strip())
arena.wait()
"""
STEPS = [
    start(9999),
    wait("cycles", cycles=2),
    wait("link_down", within=60.0),
    wait("noticed", within=0.5),
    wait("more_cycles", cycles=2),
    wait("link_up", within=60.0),
    wait("live_again", within=0.5),
    wait("more_cycles", cycles=1),
    {"verb": "signal", "args": {"signal": "TERM", "aim": None, "within": 0.0}},
]


@pytest.fixture
def hand(make_plan, stress_dir):
    """``hand(steps)``: a process whose input is the hand, and the run's folder."""
    running = []

    def begin(steps):
        run_dir = stress_dir / "runs" / "run-by-hand"
        run_dir.mkdir(parents=True)
        (run_dir / "plan.json").write_text(
            json.dumps(make_plan([scenario("hand", steps)], run_id="run-by-hand"))
        )
        process = subprocess.Popen(
            [sys.executable, "-c", HOST, str(Path(__file__).parents[2]), str(run_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        assert process.stdout.readline() == "ready\n"
        return process, run_dir

    yield begin
    for program in running:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        program.stdin.close()
        program.stdout.close()


def pulls(process, state):
    process.stdin.write(f"{state}\n")
    process.stdin.flush()


def asked(run_dir):
    journal = run_dir / "journal.jsonl"
    return [entry["asked"] for entry in entries(journal, "operator")] if journal.exists() else []


def test_it_asks_sees_the_link_go_and_come_and_the_bot_went_on(hand):
    process, run_dir = hand(STEPS)
    until(lambda: len(asked(run_dir)) == 1, "the operator is asked to pull the cable")
    pulls(process, "down")
    until(lambda: len(asked(run_dir)) == 2, "the operator is asked to put it back")
    pulls(process, "up")
    process.stdin.close()
    process.wait(60)

    document = json.loads((run_dir / "evidence/hand/evidence.json").read_text())
    assert document["error"] is None
    assert document["ended"]["outcome"] == "done"
    [unplugged] = document["faults"]
    assert (unplugged["fault"], unplugged["bit"], unplugged["proof"]["link"]) == ("unplugged", True, "wire0")
    assert unplugged["at"] < unplugged["lifted_at"]
    first, second = asked(run_dir)
    assert first.startswith("pull the network cable of wire0")
    assert second.startswith("wire0 is down; put the cable back")


def test_a_hand_that_never_comes_proves_nothing(hand):
    process, run_dir = hand([*STEPS[:2], wait("link_down", within=0.5)])
    process.stdin.close()
    process.wait(60)
    document = json.loads((run_dir / "evidence/hand/evidence.json").read_text())
    assert document["ended"]["outcome"] == "cut_short"
    assert document["faults"] == []


def test_a_cable_that_never_comes_back_is_not_blamed_on_the_bot(hand):
    process, run_dir = hand([*STEPS[:4], wait("link_up", within=0.5)])
    until(lambda: len(asked(run_dir)) == 1, "the operator is asked to pull the cable")
    pulls(process, "down")
    process.stdin.close()
    process.wait(60)
    document = json.loads((run_dir / "evidence/hand/evidence.json").read_text())
    [unplugged] = document["faults"]
    assert (unplugged["bit"], unplugged["lifted_at"]) == (False, None)
