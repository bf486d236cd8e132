"""A network of an arena's own, and what is left of it when somebody dies in the middle: nothing, nowhere."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.system.programs import run

from .conftest import RUN, bots_of, evidence, result, scenario, start, until, verdicts, wait
from .test_deaths import arena_of, bot_of, supervisor

pytestmark = [pytest.mark.root, pytest.mark.linux]

#: The bot asks its host for a page in every cycle.
ASKS = """
import socket
def ask():
    try:
        socket.create_connection((os.environ["HOST"], 80), 1).close()
        return "live"
    except OSError:
        return "mock"
save_before = save
def save(name, document):
    save_before(name, {**document, "source": ask()} if name == "health.json" else document)
"""
BOT = {
    "hosts": ["market.fleet-stress.test"],
    "environment": {"STATE_DIR": "${state_dir}", "LOG_DIR": "${log_dir}", "HOST": "${outside}"},
    "data_source": {"file": "health", "field": "source", "live": "live", "mock": "mock"},
    # It asks anew in every cycle, and what is refused is refused at once.
    "notices_within": 0.01,
}
EXPECT = (
    {"check": "exit_code", "args": {"is": "terminated"}},
    {"check": "fell_back", "args": {"again": True}},
    {"check": "keeps_cycling", "args": {"cycles": 2, "longest_pause": 60.0}},
)
BLOCK = {"verb": "fault", "args": {"fault": "network_block", "args": {"how": "reject"}}}
CUT = {"verb": "fault", "args": {"fault": "network_cut", "args": {}}}


def lift(name):
    return {"verb": "lift", "args": {"fault": name}}


def more(cycles):
    return wait("more_cycles", cycles=cycles)


def stop():
    return {"verb": "signal", "args": {"signal": "TERM", "aim": None, "within": 0.0}}


def test_live_cut_mock_back_live(make_plan):
    steps = [start(9999), more(2), BLOCK, more(3), lift("network_block"), more(2)]
    steps += [CUT, more(3), lift("network_cut"), more(2), stop()]
    plan = make_plan([scenario("net", steps, expect=EXPECT, network="private")], before=ASKS, **BOT)
    run_dir = hand_over(plan)["run_dir"]

    found = result(run_dir)
    assert verdicts(found) == {"net": "passed"}, found["scenarios"][0]["reasons"]
    block, cut = evidence(run_dir, "net")["faults"]
    assert block["proof"]["packets_of_the_bot"]
    assert cut["proof"]["link_down_inside"] is True


def test_a_bot_that_does_not_notice_is_caught(make_plan):
    lies = ASKS.replace('return "mock"', 'return "live"')
    steps = [start(9999), more(2), BLOCK, more(15), lift("network_block"), more(2), stop()]
    plan = make_plan([scenario("net", steps, expect=EXPECT, network="private")], before=lies, **BOT)
    [entry] = result(hand_over(plan)["run_dir"])["scenarios"]
    assert entry["verdict"] == "failed"
    assert "without ever saying `mock`" in entry["reasons"][0]


def test_a_bot_that_asks_nobody_meets_nothing(make_plan):
    steps = [start(9999), more(2), BLOCK, more(3), lift("network_block"), more(2), stop()]
    plan = make_plan([scenario("net", steps, expect=EXPECT[:1], network="private")], **BOT)
    [entry] = result(hand_over(plan)["run_dir"])["scenarios"]
    assert entry["verdict"] == "not_exercised"
    assert "the bot sent them nothing" in entry["reasons"][0]


def networks():
    """The network namespaces that some process is in."""
    found = set()
    for process in psutil.process_iter():
        try:
            found.add(str(Path(f"/proc/{process.pid}/ns/net").readlink()))
        except OSError:
            continue
    return found


def of_host():
    tables = [run([tool, "-S"]).stdout for tool in ("iptables", "ip6tables")]
    links = sorted(line.split()[1] for line in run(["ip", "-o", "link"]).stdout.splitlines())
    return tables, links, run(["ip", "netns"]).stdout, Path("/etc/hosts").read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", [BLOCK, CUT], ids=["block", "cut"])
@pytest.mark.parametrize("who", ["arena", "supervisor", "both"])
def test_kill_9_while_it_stands_leaves_nothing(make_plan, stress_dir, fault, who):
    before = of_host()
    steps = [start(9999), more(2), fault, wait("exit", within=600.0)]
    plan = make_plan([scenario("net", steps, network="private", within=600.0)], before=ASKS, **BOT)
    run_dir = hand_over(plan)["run_dir"]
    until(
        lambda: "more_cycles" not in last_step(run_dir) and "exit" in last_step(run_dir), "the fault stands"
    )
    arena = arena_of(RUN, "net")
    mine = str(Path(f"/proc/{arena.pid}/ns/net").readlink())
    assert (
        str(Path(f"/proc/{bot_of(RUN, 'net')[0]}/ns/net").readlink())
        == mine
        != str(Path("/proc/self/ns/net").readlink())
    )
    if who == "both":
        arena.suspend()  # it must not see its supervisor die
    if who != "arena":
        os.kill(supervisor(stress_dir), signal.SIGKILL)
    if who != "supervisor":
        arena.kill()

    until(lambda: not bots_of(RUN), "the bot follows")
    until(lambda: arena_of(RUN, "net") is None, "so does the arena")
    if who == "arena":
        assert verdicts(result(run_dir)) == {"net": "error"}
    if who == "both":
        assert recover(stress_dir)["failed"] == []
    # Another test may be given the same number for a moment.
    until(lambda: mine not in networks(), "the network is gone")
    assert of_host() == before
    assert open_records(Path(run_dir, "journal.jsonl")) == []


def last_step(run_dir):
    lines = Path(run_dir, "journal.jsonl").read_text().splitlines()
    steps = [line for line in lines if '"what":"step"' in line.replace(" ", "")]
    return steps[-1] if steps else ""


def test_cycles_while_the_fault_was_being_applied_do_not_count_as_under_it(make_plan):
    """The bot is much faster than applying is; what it did meanwhile was no cycle without a network."""
    fast = {"settings": {"max_cycles": 9999, "scan_interval": 0.001}}
    steps = [{"verb": "start", "args": fast}, more(2), BLOCK, more(3), lift("network_block"), more(2), stop()]
    plan = make_plan([scenario("net", steps, expect=EXPECT, network="private")], before=ASKS, **BOT)
    run_dir = hand_over(plan)["run_dir"]

    found = result(run_dir)
    assert verdicts(found) == {"net": "passed"}, found["scenarios"][0]["reasons"]
    seen = evidence(run_dir, "net")
    [block] = seen["faults"]
    under = [
        cycle
        for cycle in seen["starts"][0]["cycles"]
        if block["stands_from"] < cycle["at"] < block["lifted_at"]
    ]
    assert under[-1]["n"] - under[0]["n"] >= 2  # a look may miss some of a very fast bot's cycles
