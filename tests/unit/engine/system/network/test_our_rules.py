"""Our rules are found whatever has become of them; somebody else's among them stay, and that is said."""

import pytest

from tests.unit.engine.faults.networks import in_process

pytestmark = [pytest.mark.root, pytest.mark.linux]

HELD = """
from foreign_rule import put_into, take_from
from fleet_stress.recovery.undo import undo_open
from fleet_stress.system.network import nf_tables, our_rules, packet_filter
M = "by_hand.abc123/network_block"
C = iptables.chain_of(M)
def listed():
    return [run([tool, "-S"]).stdout for tool in iptables.TOOLS.values()]
run(["iptables", "-A", "OUTPUT", "-d", "198.51.100.1", "-j", "DROP"]); run(["ip6tables", "-L"])
before = listed()
journal = Journal(folder / "journal.jsonl", "test")
def hold(mark=M):
    for family in "46":
        Undo(journal).record("iptables_chain", **packet_filter.rules_of(family, mark))
        iptables.build(family, iptables.chain_of(mark), mark)
    iptables.block(iptables.chain_of(mark), "192.0.2.7", "reject", mark)
    iptables.block(iptables.chain_of(mark), "2001:db8::7", "drop", mark)
def still_open():
    return len(open_records(journal.path))
"""


def seen(program, folder):
    return in_process(HELD + program, folder)


def test_a_rule_of_nft_in_our_chain_stays_and_so_does_the_record(tmp_path):
    told = seen(
        """
hold()
put_into(C)
shown = run(["iptables", "-S", C]).stderr
there = iptables.present("4", C)
failures, open_then = undo_open(journal), still_open()
left = [(rule.where, b"fleet-stress:" in rule.content) for rule in nf_tables.rules() if C in rule[2:5]]
take_from(C)
told(shown=shown, there=there, failures=failures, open_then=open_then, left=left,
     again=undo_open(journal), same=listed() == before, open=still_open())
""",
        tmp_path,
    )
    assert "incompatible" in told["shown"]
    assert told["there"] is True
    [failure] = told["failures"]
    assert "somebody else's rule is in it or leads to it: ip filter FS_" in failure
    assert "handle" in failure and "nft delete rule" in failure
    assert told["open_then"] == 1  # that of the other family is undone
    [(where, ours)] = told["left"]
    assert (where.startswith("ip filter FS_"), ours) == (True, False)
    assert (told["again"], told["same"], told["open"]) == ([], True, 0)


def test_a_chain_of_an_earlier_version_with_such_a_rule_is_undone_as_before(tmp_path):
    """Its journal knows the name of the chain alone: all of it goes."""
    told = seen(
        """
run(["iptables", "-N", C]); run(["iptables", "-I", "OUTPUT", "1", "-j", C])
run(["iptables", "-A", C, "-d", "192.0.2.7", "-m", "comment", "--comment", "by_hand/x", "-j", "DROP"])
Undo(journal).record("iptables_chain", family="4", chain=C)
put_into(C)
gone = our_rules.gone("4", C)
told(gone=gone, failures=undo_open(journal), same=listed() == before, open=still_open())
""",
        tmp_path,
    )
    assert told == {"gone": False, "failures": [], "same": True, "open": 0}


def test_a_chain_is_found_under_another_name(tmp_path):
    told = seen(
        """
hold()
run(["iptables", "-E", C, "renamed"])
gone = our_rules.gone(**packet_filter.rules_of("4", M))
told(gone=gone, failures=undo_open(journal), same=listed() == before, open=still_open())
""",
        tmp_path,
    )
    assert told == {"gone": False, "failures": [], "same": True, "open": 0}


def test_somebody_else_s_jump_to_our_chain_keeps_it_and_is_said(tmp_path):
    told = seen(
        """
hold()
run(["iptables", "-A", "FORWARD", "-j", C])
failures, open_then = undo_open(journal), still_open()
run(["iptables", "-D", "FORWARD", "-j", C])
told(failures=failures, open_then=open_then, again=undo_open(journal), same=listed() == before)
""",
        tmp_path,
    )
    assert "ip filter FORWARD handle" in told["failures"][0]
    assert (told["open_then"], told["again"], told["same"]) == (1, [], True)


@pytest.mark.parametrize("lines", [0, 1, 3, 5])
def test_whoever_is_killed_between_record_and_rule_leaves_nothing(tmp_path, lines):
    """Killed by itself before the n-th change to the tables."""
    told = seen(
        f"""
import os, signal
really, left = iptables.tool, [{lines}]
def dies(family, *words):
    if words[0] in ("-N", "-I", "-A"):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return really(family, *words)
child = os.fork()
if child == 0:
    iptables.tool = dies
    hold()
status = os.waitpid(child, 0)[1]
changed = listed() != before
told(status=status, changed=changed, failures=undo_open(journal), same=listed() == before, open=still_open())
""",
        tmp_path,
    )
    assert told == {"status": 9, "changed": lines > 0, "failures": [], "same": True, "open": 0}


def test_two_places_on_one_host_share_no_chain(tmp_path):
    told = seen(
        """
from fleet_stress.recovery.manual.block import HostBlock
blocks = [HostBlock(folder / name, "network_block", ["192.0.2.7"], "drop", ()) for name in ("one", "two")]
for block in blocks:
    for family in "46":
        iptables.build(family, block.chain, block.mark)
    iptables.block(block.chain, "192.0.2.7", "drop", block.mark)
for family in "46":
    our_rules.remove(**packet_filter.rules_of(family, blocks[0].mark))
told(first=iptables.present("4", blocks[0].chain), second=iptables.led_to("4", blocks[1].chain, blocks[1].mark),
     blocked=iptables.blocked(blocks[1].chain, "192.0.2.7", "drop", blocks[1].mark))
""",
        tmp_path,
    )
    assert told == {"first": False, "second": True, "blocked": True}


@pytest.mark.parametrize("killed", [False, True])
def test_whoever_undoes_it_may_be_in_another_network(tmp_path, killed):
    """A watchdog that systemd runs is in that of the system; a login may be in one for administrators alone."""
    told = seen(
        f"""
import signal
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    system.new_network()
    hold()
    os.write(writing, b"held")
    signal.pause()
os.read(reading, 4)
seen_from_there = lambda: run(["nsenter", "-t", str(child), "-n", "iptables", "-S"]).stdout.count(C)
there = seen_from_there()
if {killed}:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
failures = undo_open(journal)
left = seen_from_there()
if not {killed}:
    os.kill(child, signal.SIGKILL)
told(there=there, failures=failures, left=left, open=still_open(), same=listed() == before)
""",
        tmp_path,
    )
    assert told.pop("there") > 0
    assert told == {"failures": [], "left": 0, "open": 0, "same": True}


LEGACY = """
# The kernel here has no tables of the older iptables: what it prints and takes is the same.
for tool in ("iptables", "ip6tables"):
    for name, ending in ((tool, ""), (f"{tool}-legacy", "-legacy")):
        path = folder / name
        path.write_text(f'#!/bin/sh\\n[ "$*" = "-w 5 -V" ] && echo "{tool} v1.8.9 (legacy)" && exit\\n'
                        f'exec {tool} "$@"\\n')
        path.chmod(0o755)
iptables.TOOLS.update({"4": str(folder / "iptables"), "6": str(folder / "ip6tables")})
"""


def test_the_tables_of_the_older_iptables_are_looked_through_as_well(tmp_path):
    told = seen(
        LEGACY
        + """
before = listed()
hold()
run(["iptables", "-E", C, "renamed"])
run(["iptables", "-A", "renamed", "-d", "198.51.100.2", "-j", "DROP"])
run(["ip6tables", "-N", "theirs"]); run(["ip6tables", "-A", "theirs", "-j", "DROP"])
backends = [entry["arguments"]["backend"] for entry in open_records(journal.path)]
failures = undo_open(journal)
run(["iptables", "-F", "renamed"]); run(["iptables", "-X", "renamed"])
run(["ip6tables", "-F", "theirs"]); run(["ip6tables", "-X", "theirs"])
told(backends=backends, failures=failures, same=listed() == before, again=undo_open(journal))
""",
        tmp_path,
    )
    assert told["backends"] == ["legacy", "legacy"]
    [failure] = told["failures"]
    assert "`-A renamed -d 198.51.100.2/32 -j DROP`" in failure
    assert (told["same"], told["again"]) == (True, [])


def test_tables_that_nothing_can_look_into_are_not_taken_for_empty(tmp_path):
    told = seen(
        LEGACY
        + """
hold()
iptables.TOOLS.update({"4": "iptables", "6": "ip6tables"})  # the host has moved on to nf_tables
from fleet_stress.system.network import our_rules
our_rules.program_of_the_system = lambda name: None
told(failures=undo_open(journal), open=still_open())
""",
        tmp_path,
    )
    assert all("is gone from this host: install it again" in failure for failure in told["failures"])
    assert told["open"] == 2
