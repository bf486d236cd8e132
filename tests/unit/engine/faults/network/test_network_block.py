"""``network_block`` with real rules, in networks that a process of the test makes for itself."""

import pytest

from fleet_stress import system
from fleet_stress.faults import FAULTS
from fleet_stress.faults.site import Where
from tests.unit.engine.faults.networks import in_process

pytestmark = [pytest.mark.root, pytest.mark.linux]

STANDS = """
undo = Undo(Journal(folder / "journal.jsonl", "test"))
standing = AppliedFault(FAULTS["network_block"], site, {"how": HOW}, undo, 1.0, None)
chain = iptables.chain_of(f"{site.mark}/{standing.fault.id}")
"""


@pytest.mark.parametrize(("how", "met"), [("drop", "TimeoutError"), ("reject", "ConnectionRefusedError")])
def test_both_families_of_every_host_are_met_and_come_back(tmp_path, how, met):
    seen = in_process(
        STANDS.replace("HOW", repr(how))
        + """
every = [one for some in net.hosts.values() for one in some]
during = {one: connects(one) for one in every}  # this process plays the bot
standing.revert(2.0)
told(during=during, after={one: connects(one) for one in every}, entry=standing.entry,
     left=[iptables.present(family, chain) for family in "46"],
     rules=[run([tool, "-S"]).stdout for tool in iptables.TOOLS.values()])
""",
        tmp_path,
    )
    assert set(seen["during"].values()) == {met}
    assert set(seen["after"].values()) == {"connected"}
    assert seen["entry"]["bit"] is True
    assert len(seen["during"]) == 4
    proof = seen["entry"]["proof"]
    assert set(proof["packets_of_the_bot"]) == set(seen["during"])
    assert all(count > 0 for count in proof["packets_of_the_bot"].values())
    assert (
        set(proof["before"].values()) == set(proof["after_lifting"]["connections"].values()) == {"connected"}
    )
    assert "connected" not in proof["during"].values()
    assert seen["left"] == [False, False]
    assert not any("FS_" in rules for rules in seen["rules"])


def test_a_bot_that_sent_its_hosts_nothing_met_nothing(tmp_path):
    seen = in_process(
        STANDS.replace("HOW", "'drop'") + "standing.revert(2.0)\ntold(entry=standing.entry)", tmp_path
    )
    assert seen["entry"]["bit"] is False
    assert seen["entry"]["proof"]["why"] == "the bot sent them nothing"


def test_hosts_that_did_not_answer_before_prove_nothing(tmp_path):
    seen = in_process(
        "net.stub.close()\n"
        + STANDS.replace("HOW", "'reject'")
        + 'connects(net.hosts["one.fleet-stress.test"][0])\nstanding.revert(2.0)\ntold(entry=standing.entry)',
        tmp_path,
    )
    assert seen["entry"]["bit"] is False
    assert seen["entry"]["proof"]["why"] == "no connection to these hosts worked before"


def test_hosts_that_do_not_answer_afterwards_take_the_proof_back(tmp_path):
    seen = in_process(
        "from fleet_stress.faults.network import reachability\nreachability._BACK_WITHIN = 0.5\n"
        + STANDS.replace("HOW", "'drop'")
        + 'connects(net.hosts["one.fleet-stress.test"][0])\nnet.stub.close()\nstanding.revert(2.0)\n'
        "told(entry=standing.entry)",
        tmp_path,
    )
    assert seen["entry"]["bit"] is False
    assert seen["entry"]["proof"]["after_lifting"]["why"] == "it did not work afterwards"


def test_an_address_that_a_host_gets_later_is_blocked_too(tmp_path):
    seen = in_process(
        "from fleet_stress.faults.network import network_block\nnetwork_block._LOOK_AGAIN = 0.05\n"
        + STANDS.replace("HOW", "'reject'")
        + """
import time
hosts = folder / "hosts"
with hosts.open("a") as stream:
    stream.write("192.0.2.1 one.fleet-stress.test\\n")
deadline = time.monotonic() + 60
while "192.0.2.1" not in iptables.packets("4", chain) and time.monotonic() < deadline:
    time.sleep(0.02)
during = connects("192.0.2.1")
standing.revert(2.0)
told(during=during, addresses=standing.entry["proof"]["addresses"], after=connects("192.0.2.1"))
""",
        tmp_path,
    )
    assert seen["during"] == "ConnectionRefusedError"
    assert "192.0.2.1" in seen["addresses"]["one.fleet-stress.test"]
    assert seen["after"] == "connected"


def test_what_starts_meanwhile_is_met_too_and_nobody_leaves_the_arenas_control_groups(tmp_path):
    """The bot is in its arena's group before, in one below that during the block, and again where it was after it."""
    if system.own_cgroup() is None:
        pytest.skip("no writable cgroup2 here")
    seen = in_process(
        """
import psutil, subprocess
from conftest import changed
from fleet_stress.system import cage, cgroups, process
system.new_network()
run(["ip", "link", "set", "lo", "up"])
run(["ip", "addr", "add", "192.0.2.20/32", "dev", "lo"])
listener = private_network.Listener([socket.create_server(("192.0.2.20", 443))], "unavailable")
home = system.own_cgroup()[0]
site = make_site(folder, bot={"hosts": ["192.0.2.20"]}, mark=f"run{os.getpid()}/scenario",
                 user=process.User("bots", 61000, 61000))
arena = cage.Cage(site.mark)
arena.make(500)
process.confine(arena.doors(cage.BESIDE))
CONNECT = '''
import socket, time
try:
    socket.create_connection(("192.0.2.20", 443), 5).close()
    print("connected", flush=True)
except OSError as problem:
    print(type(problem).__name__, flush=True)
time.sleep(60)
'''
def start(*groups):
    with cgroups.doors(groups) as doors:
        one = process.start(["/usr/bin/python3", "-I", "-S", "-c", CONNECT], user=site.user, folder=Path("/"),
                            environment={}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, groups=doors)
    return one, one.stdout.readline().decode().strip()
bot = cgroups.Group("", 0, arena.path / cage.BOT)
(first, before), undo = start(bot), Undo(Journal(folder / "journal.jsonl", "test"))
site = changed(site, processes=lambda: [psutil.Process(first.pid)])
standing = AppliedFault(FAULTS["network_block"], site, {"how": "reject"}, undo, 1.0, None)
(second, met), (beside, beside_met) = start(bot, *site.next_start.groups), start()
during = arena.bots()
standing.revert(2.0)
after, left = arena.bots(), len(site.next_start.groups)
(third, again), back = start(bot), system.own_cgroup()[0] == home
arena.end_bots()
told(before=before, met=met, beside=beside_met, again=again, back=back, left=left, entry=standing.entry,
     during=during == {first.pid, second.pid}, after=after == during, spared=beside.poll() is None,
     ended=[one.wait() for one in (first, second, third)])
for path in reversed(arena.paths()):
    cage.end(path)
beside.wait()
""",
        tmp_path,
        private=False,
    )
    assert (seen["before"], seen["again"]) == ("connected", "connected")
    assert (seen["met"], seen["beside"]) == ("ConnectionRefusedError", "ConnectionRefusedError")
    assert {name: seen[name] for name in ("during", "after", "back", "spared")} == {
        "during": True,
        "after": True,
        "back": True,
        "spared": True,
    }
    assert seen["left"] == 0
    assert seen["ended"] == [-9, -9, -9]
    assert seen["entry"]["bit"] is True


def test_in_the_hosts_network_only_the_arenas_own_processes_are_met(tmp_path):
    """The host's network here is a scratch one, with two processes: one in the arena, one beside it."""
    if system.own_cgroup() is None:
        pytest.skip("no writable cgroup2 here")
    seen = in_process(
        """
import subprocess
system.new_network()
run(["ip", "link", "set", "lo", "up"])
run(["ip", "addr", "add", "192.0.2.20/32", "dev", "lo"])
listener = private_network.Listener([socket.create_server(("192.0.2.20", 443))], "unavailable")
# Started before, by somebody else: it stays in the group in which it is.
other = subprocess.Popen([sys.executable, "-c",
    "import socket, sys\\nsys.stdin.readline()\\n"
    "socket.create_connection(('192.0.2.20', 443), 5).close()\\nprint('connected')"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
home = system.own_cgroup()[0]
site = make_site(folder, bot={"hosts": ["192.0.2.20"]})
undo = Undo(Journal(folder / "journal.jsonl", "test"))
standing = AppliedFault(FAULTS["network_block"], site, {"how": "reject"}, undo, 1.0, None)
mine, group = connects("192.0.2.20"), system.own_cgroup()[0]
others = other.communicate("go\\n", timeout=60)[0].strip()
standing.revert(2.0)
told(mine=mine, others=others, entry=standing.entry, moved=group != home, back=system.own_cgroup()[0] == home,
     left=[iptables.present(one, iptables.chain_of(f"{site.mark}/{standing.fault.id}")) for one in "46"],
     group=group.exists(),
     open=[one["kind"] for one in open_records(folder / "journal.jsonl")])
""",
        tmp_path,
        private=False,
    )
    assert seen["mine"] == "ConnectionRefusedError"
    assert seen["others"] == "connected"
    assert seen["entry"]["bit"] is True
    assert (seen["moved"], seen["back"], seen["group"], seen["left"]) == (True, True, False, [False, False])
    assert seen["open"] == []


def test_what_a_host_cannot_do_is_said_before(tmp_path, monkeypatch):
    supported = FAULTS["network_block"].supported
    no_hosts = supported(Where(tmp_path, {"hosts": []}, "private"), {"how": "drop"})
    assert no_hosts.reason == "the bot profile names no hosts to block"
    assert supported(Where(tmp_path, {"hosts": ["a.test"]}, "private"), {"how": "drop"}) is None
    monkeypatch.setattr(system, "own_cgroup", lambda: None)
    no_group = supported(Where(tmp_path, {"hosts": ["a.test"]}, None), {"how": "drop"})
    assert "cgroup2" in no_group.reason
    assert "network: private" in no_group.enable


def test_without_the_programs_it_is_unsupported_and_says_which(tmp_path, monkeypatch):
    from fleet_stress.system.network import iptables, packet_filter

    packet_filter._tried.cache_clear()
    monkeypatch.setitem(iptables.TOOLS, "6", "no-such-ip6tables")
    cannot = FAULTS["network_block"].supported(
        Where(tmp_path, {"hosts": ["a.test"]}, "private"), {"how": "drop"}
    )
    packet_filter._tried.cache_clear()
    assert "no-such-ip6tables is not installed" in cannot.reason
