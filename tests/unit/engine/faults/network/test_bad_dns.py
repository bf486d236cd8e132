"""``bad_dns``: names are told by DNS, then not as they should be, then well again; and who did not ask met nothing."""

from unittest import mock

import pytest

from fleet_stress.faults.network import bad_dns
from fleet_stress.faults.network.bad_dns import BadDns
from fleet_stress.faults.site import Where
from tests.unit.engine.faults.networks import in_process

MADE = """
net = private_network.Network(["one.fleet-stress.test", "two.fleet-stress.test"], by_dns=True)
files = net.system_files(folder)
system.mount_private_folders(files)
site = make_site(folder, network=net, bot={"hosts": list(net.hosts)})

def stand(**arguments):
    undo = Undo(Journal(folder / "journal.jsonl", "test"))
    return AppliedFault(FAULTS["bad_dns"], site, arguments, undo, 1.0, None)
"""


@pytest.mark.root
@pytest.mark.linux
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("servfail", "gaierror"),
        ("nxdomain", "gaierror"),
        ("refused", "gaierror"),
        ("astray", "OSError or TimeoutError"),
        ("slow", "connected"),
    ],
)
def test_it_bites_while_it_stands_and_all_is_well_before_and_after(tmp_path, how, expected):
    seen = in_process(
        MADE
        + f"""
name = "two.fleet-stress.test"
before = connects(name, 80, within=10)
standing = stand(how={how!r}, after=1.0)
during = connects(name, 80, within=1)
met = standing.fault.hits()
standing.revert(2.0)
told(before=before, during=during, met=met, after=connects(name, 80, within=10), entry=standing.entry,
     hosts=Path("/etc/hosts").read_text(), addresses=net.hosts)
""",
        tmp_path,
        private=False,
    )
    assert (seen["before"], seen["after"]) == ("connected", "connected")
    assert seen["during"] in expected.split(" or ")
    assert seen["met"] > 0
    assert seen["entry"]["bit"] is True
    proof = seen["entry"]["proof"]
    assert set(proof["queries"]) == {"two.fleet-stress.test"}
    assert {name: sorted(item) for name, item in proof["after_lifting"]["resolved"].items()} == {
        name: sorted(address) for name, address in seen["addresses"].items()
    }
    assert "two.fleet-stress.test" not in seen["hosts"]


@pytest.mark.root
@pytest.mark.linux
def test_a_bot_that_asks_nothing_meets_nothing_and_others_names_are_nobodys(tmp_path):
    seen = in_process(
        MADE
        + """
standing = stand(how="servfail")
iptables.addresses("elsewhere.fleet-stress.test")
standing.revert(2.0)
told(entry=standing.entry)
""",
        tmp_path,
        private=False,
    )
    assert seen["entry"]["bit"] is False
    assert "asked for none of its hosts" in seen["entry"]["proof"]["why"]
    assert seen["entry"]["proof"]["queries_for_others"] > 0


def test_what_is_missing_is_said(tmp_path):
    def cannot(network, **bot):
        return BadDns.supported(Where(tmp_path, bot, network), {})

    assert "network: private" in cannot(None, hosts=["x"]).enable
    assert "hosts" in cannot("private").enable
    with mock.patch.object(bad_dns, "_RESOLVER", tmp_path / "none"):
        assert "to tell the bot of a name server" in cannot("private", hosts=["x"]).reason
