"""Rules of our own: printed and read, and taken away from whatever half-way state."""

import pytest

from fleet_stress.system.network import iptables, our_rules
from tests.unit.engine.faults.networks import in_process

PRINTED = """\
-N FS_0a1b2c3d
-A FS_0a1b2c3d -d 192.0.2.10/32 -p tcp -m comment --comment "run 1/x" -c 3 180 -j REJECT --reject-with tcp-reset
-A FS_0a1b2c3d -d 192.0.2.10/32 -m comment --comment "run 1/x" -c 2 90 -j REJECT
-A FS_0a1b2c3d -d 2001:db8::a/128 -m comment --comment "run 1/x" -c 0 0 -j DROP
"""


def test_packets_are_summed_by_address():
    assert iptables.counted(PRINTED) == {"192.0.2.10": 5, "2001:db8::a": 0}


def test_a_chain_is_named_after_its_mark_alone():
    assert iptables.chain_of("run/one") == iptables.chain_of("run/one") != iptables.chain_of("run/two")
    assert len(iptables.chain_of("x" * 500)) == 11


def test_only_a_chain_of_ours_is_ever_removed():
    with pytest.raises(iptables.PacketFilterFailed, match="no chain of ours"):
        our_rules.remove("4", "DOCKER-USER")


def test_a_name_that_cannot_be_resolved_has_no_address():
    assert iptables.addresses("no such name") == []
    assert iptables.addresses("127.0.0.1") == ["127.0.0.1"]


@pytest.mark.root
@pytest.mark.linux
@pytest.mark.parametrize("family", ["4", "6"])
@pytest.mark.parametrize(
    "halfway",
    [
        "",
        "iptables.build(F, C, M)",
        "iptables.build(F, C, M); run([T, '-I', 'OUTPUT', '-j', C])",
        "run([T, '-N', C])",
        "iptables.build(F, C, M); iptables.block(C, A, 'reject', M)",
    ],
)
def test_an_undo_works_from_any_halfway_state_and_touches_nothing_else(tmp_path, family, halfway):
    address = {"4": "192.0.2.7", "6": "2001:db8::7"}[family]
    seen = in_process(
        f"""
F, M, A, T = {family!r}, "run/one", {address!r}, iptables.TOOLS[{family!r}]
C = iptables.chain_of(M)
run([T, "-N", "FS_99999999"]); run([T, "-A", "OUTPUT", "-j", "FS_99999999"])
before = run([T, "-S"]).stdout
{halfway}
undo = Undo(Journal(folder / "journal.jsonl", "test"))
for _ in range(2):
    record = undo.record("iptables_chain", family=F, chain=C)
    undo.carry_out(record, "iptables_chain", {{"family": F, "chain": C}})
told(same=run([T, "-S"]).stdout == before, open=open_records(folder / "journal.jsonl"))
""",
        tmp_path,
    )
    assert seen == {"same": True, "open": []}


@pytest.mark.root
@pytest.mark.linux
def test_a_tool_that_fails_is_an_error_and_never_taken_for_absence(tmp_path):
    seen = in_process(
        """
broken = folder / "iptables-broken"
broken.write_text("#!/bin/sh\\necho 'Another app is currently holding the xtables lock' >&2\\nexit 4\\n")
broken.chmod(0o755)
iptables.TOOLS["4"] = str(broken)
try:
    iptables.present("4", "FS_0a1b2c3d")
except iptables.PacketFilterFailed as problem:
    told(said=str(problem))
""",
        tmp_path,
    )
    assert "holding the xtables lock" in seen["said"]
