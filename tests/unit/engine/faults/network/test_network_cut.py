"""``network_cut``: the bot's link loses its carrier, and has it again."""

import pytest

from fleet_stress.faults import FAULTS
from fleet_stress.faults.site import Where
from tests.unit.engine.faults.networks import in_process


@pytest.mark.root
@pytest.mark.linux
def test_the_cable_is_gone_and_comes_back_twice(tmp_path):
    seen = in_process(
        """
address = net.hosts["two.fleet-stress.test"]
rounds = []
for _ in range(2):
    undo = Undo(Journal(folder / "journal.jsonl", "test"))
    standing = AppliedFault(FAULTS["network_cut"], site, {}, undo, 1.0, None)
    during = [system.link_running("eth0"), *(connects(one) for one in address)]
    standing.revert(2.0)
    rounds.append([during, [system.link_running("eth0"), *(connects(one) for one in address)], standing.entry])
told(rounds=rounds)
""",
        tmp_path,
    )
    for during, after, entry in seen["rounds"]:
        assert during[0] is False
        assert "connected" not in during
        assert after == [True, "connected", "connected"]
        assert entry["bit"] is True
        assert entry["proof"]["link_down_inside"] is True
        assert entry["proof"]["after_lifting"]["link_up_inside"] is True


def test_the_hosts_own_network_is_never_cut(tmp_path):
    cannot = FAULTS["network_cut"].supported(Where(tmp_path, {}, None), {})
    assert "our line" in cannot.reason
    assert FAULTS["network_cut"].supported(Where(tmp_path, {}, "private"), {}) is None
