"""``network_block`` by hand, in a network of the test's own: real rules, real users, once and again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fleet_stress.store.layout import MARKER

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.root, pytest.mark.linux]

PROGRAM = """
import json, os, socket, subprocess, sys
sys.path.insert(0, {root!r})
from fleet_stress import system
from fleet_stress.recovery import recover
from fleet_stress.system.network import iptables
from fleet_stress.system.programs import run
from pathlib import Path
system.new_network()
system.enable_ipv6()
run(["ip", "link", "set", "lo", "up"])
run(["ip", "addr", "add", "192.0.2.30/32", "dev", "lo"])
run(["ip", "addr", "add", "2001:db8::30/128", "dev", "lo", "nodad"])
server = socket.create_server(("::", 443), family=socket.AF_INET6, dualstack_ipv6=True)
folder = sys.argv[1]

def door(check=False, **arguments):
    arguments = {{"stress_dir": folder, "_ansible_check_mode": check, "_ansible_diff": True, **arguments}}
    done = subprocess.run(
        [sys.executable, {root!r} + "/library/network_block.py"],
        text=True,
        capture_output=True,
        input=json.dumps({{"ANSIBLE_MODULE_ARGS": arguments}}),
        env={{**os.environ, "PYTHONPATH": {root!r}}},
    )
    return json.loads(done.stdout) if done.stdout else done.stderr

def connects(uid):
    program = '''
import os, socket, sys
os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
for address in ("192.0.2.30", "2001:db8::30"):
    try:
        socket.create_connection((address, 443), 1).close()
        print("connected")
    except OSError as problem:
        print(type(problem).__name__)
'''
    return run(["/usr/bin/python3", "-c", program, str(uid)]).stdout.split()

def rules():
    return [run([tool, "-S"]).stdout for tool in iptables.TOOLS.values()]

HOSTS = ["192.0.2.30", "2001:db8::30"]
"""


def in_network(program, folder):
    (folder / MARKER).write_text("{}")
    end = "\nrecover.recover(Path(folder), force=True)\n"  # so that no watchdog stays
    text = PROGRAM.format(root=str(ROOT)) + program + end
    done = subprocess.run(
        [sys.executable, "-c", text, str(folder)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_one_user_is_blocked_and_nobody_else_and_it_goes_away(tmp_path):
    seen = in_network(
        """
before = rules()
would = door(check=True, hosts=HOSTS, how="reject", user="65534")
untouched = rules() == before
first = door(hosts=HOSTS, how="reject", user="65534")
second = door(hosts=HOSTS, how="reject", user="65534")
met, others = connects(65534), connects(65533)
would_not = door(check=True, state="absent")
gone, again = door(state="absent"), door(state="absent")
print(json.dumps([would, untouched, first, second, met, others, would_not, gone, again, rules() == before]))
""",
        tmp_path,
    )
    would, untouched, first, second, met, others, would_not, gone, again, clean = seen
    assert (would["changed"], untouched) == (True, True)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["diff"] == {"before": "", "after": "reject 192.0.2.30\nreject 2001:db8::30\n"}
    assert met == ["ConnectionRefusedError"] * 2
    assert others == ["connected"] * 2
    assert would_not["changed"] is gone["changed"] is True
    assert (again["changed"], clean) == (False, True)


def test_another_way_replaces_it_and_a_rule_that_was_lost_comes_back(tmp_path):
    seen = in_network(
        """
first = door(hosts=HOSTS, user="65534")
other = door(hosts=HOSTS[:1], how="reject", user="65534")
met = connects(65534)
run(["iptables", "-F", other["chain"]])
mended = door(hosts=HOSTS[:1], how="reject", user="65534")
print(json.dumps([other, met, mended, connects(65534)]))
""",
        tmp_path,
    )
    other, met, mended, after = seen
    assert other["diff"]["before"] == "drop 192.0.2.30\ndrop 2001:db8::30\n"
    assert met == after == ["ConnectionRefusedError", "connected"]
    assert mended["changed"] is True


def test_recover_takes_it_away_when_told_so(tmp_path):
    seen = in_network(
        """
before = rules()
door(hosts=HOSTS, user="65534")
kept = recover.recover(Path(folder))
looked = recover.recover(Path(folder), look_only=True, force=True)
done = recover.recover(Path(folder), force=True)
print(json.dumps([kept, looked, done, rules() == before, recover.recover(Path(folder), force=True)["changed"]]))
""",
        tmp_path,
    )
    kept, looked, done, clean, again = seen
    assert (kept["changed"], list(kept["held"])) == (False, ["network_block"])
    assert looked["changed"] is done["changed"] is True
    assert all(text.startswith("held by hand: iptables_chain") for text in done["undone"])
    assert (clean, again, done["failed"]) == (True, False, [])


def test_it_ends_with_its_lease_and_is_renewed_by_the_same_task(tmp_path):
    seen = in_network(
        """
import time
before = rules()
first = door(hosts=HOSTS, user="65534", lease=600, latest=700)
again = door(hosts=HOSTS, user="65534", lease=100)
left = recover.recover(Path(folder))["held"]["network_block"]
last = door(hosts=HOSTS, user="65534", lease=0.5)
until = time.monotonic() + 60
while rules() != before and time.monotonic() < until:
    time.sleep(0.05)
print(json.dumps([first, again, left, last, rules() == before, recover.recover(Path(folder))["changed"]]))
""",
        tmp_path,
    )
    first, again, left, last, clean, changed = seen
    assert [first["changed"], again["changed"], last["changed"]] == [True, False, False]
    assert 0 < left <= 100
    assert (clean, changed) == (True, False)


def test_a_halted_host_takes_none(tmp_path):
    seen = in_network(
        """
from fleet_stress.recovery import halt
halt.halt(Path(folder), "incident 4711", "ops")
before = rules()
told = [door(hosts=HOSTS, user="65534"), door(check=True, hosts=HOSTS, user="65534")]
print(json.dumps([[one["msg"] for one in told], rules() == before]))
""",
        tmp_path,
    )
    told, clean = seen
    assert all("by ops: incident 4711" in item for item in told)
    assert clean


def test_what_makes_no_sense_is_refused_and_nothing_is_done(tmp_path):
    seen = in_network(
        """
before = rules()
told = [door(hosts=HOSTS), door(hosts=HOSTS, user="root"), door(hosts=["no such host"], user="65534"),
        door(hosts=[], user="65534"), door(hosts=HOSTS, user="65534", stress_dir="/"),
        door(state="absent", name="ram_volume:/srv/cache")]
print(json.dumps([[one["msg"] for one in told], rules() == before]))
""",
        tmp_path,
    )
    told, clean = seen
    assert clean
    wanted = [
        "any of the following are missing",
        "root is never blocked",
        "no such host",
        "no hosts",
        "carry",
        "give the block another name",
    ]
    assert [item in said for said, item in zip(told, wanted, strict=True)] == [True] * 6


def test_what_somebody_holds_is_not_another_s_to_change(tmp_path):
    seen = in_network(
        """
first = door(hosts=HOSTS, user="65534", holder="theirs")
stands = rules()
others = [door(hosts=HOSTS, how="reject", user="65534", holder="mine"), door(hosts=HOSTS, user="65534", holder="mine"),
          door(state="absent", holder="mine")]
untouched = rules() == stands
print(json.dumps([first, others, untouched, door(state="absent", holder="theirs")]))
""",
        tmp_path,
    )
    first, others, untouched, gone = seen
    assert (first["changed"], [item["changed"] for item in others], untouched) == (True, [False] * 3, True)
    assert gone["changed"] is True
