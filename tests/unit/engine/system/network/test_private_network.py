"""A network of an arena's own: names lead to the outside, and nothing else leads anywhere."""

import socket
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.system.network import private_network
from fleet_stress.system.programs import run
from tests.unit.engine.faults.networks import in_process

pytestmark = [pytest.mark.root, pytest.mark.linux]


def test_names_lead_outside_by_both_families_and_a_stub_answers(tmp_path):
    seen = in_process(
        """
import urllib.request, urllib.error
def status(name):
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{name}/", timeout=10)
    except urllib.error.HTTPError as problem:
        return problem.code
told(status=[status(name) for name in net.hosts], addresses=net.hosts,
     resolved={name: sorted(iptables.addresses(name)) for name in net.hosts},
     counted=net.stub.connections)
""",
        tmp_path,
    )
    assert seen["status"] == [503, 503]
    assert seen["counted"] == 2
    assert {name: sorted(address) for name, address in seen["addresses"].items()} == seen["resolved"]
    assert all(len(item) == 2 for item in seen["resolved"].values())


def test_there_is_no_way_out_of_it(tmp_path):
    seen = in_process(
        """
told(routes=run(["ip", "route"]).stdout + run(["ip", "-6", "route", "show", "default"]).stdout,
     elsewhere=connects("198.51.100.1", within=5), name=iptables.addresses("example.org"),
     default=system.default_link())
""",
        tmp_path,
    )
    assert "default" not in seen["routes"]
    assert seen["elsewhere"] == "OSError"  # network is unreachable, at once
    assert (seen["name"], seen["default"]) == ([], None)


def test_what_listens_outside_is_reached_and_what_is_inside_stays_there(tmp_path):
    seen = in_process(
        """
with net.outside():
    server = socket.create_server((net.listen, 0), family=socket.AF_INET6, dualstack_ipv6=True)
port = server.getsockname()[1]
told(reached=[connects(one, port) for one in net.hosts["one.fleet-stress.test"]],
     inside=connects("127.0.0.1", port))
""",
        tmp_path,
    )
    assert seen["reached"] == ["connected", "connected"]
    assert seen["inside"] == "ConnectionRefusedError"


def test_the_host_sees_nothing_of_it(tmp_path):
    def looks():
        hosts = Path("/etc/hosts").read_text(encoding="utf-8")
        # Others on this machine come and go; a link or name of ours would be new.
        return run(["ip", "-o", "link"]).stdout.count("veth"), run(["ip", "netns"]).stdout, hosts

    before = looks()
    in_process("told(done=True)", tmp_path)
    assert looks() == before


@pytest.mark.parametrize("name", ["a b", "x\n192.0.2.1 y", "-", "a" * 300, ""])
def test_a_host_name_that_makes_no_sense_is_refused_before_anything_is_made(name):
    mine = str(Path("/proc/self/ns/net").readlink())
    with pytest.raises(private_network.NetworkFailed):
        private_network.Network([name])
    assert str(Path("/proc/self/ns/net").readlink()) == mine


def test_a_host_that_has_no_veth_says_so(monkeypatch):
    monkeypatch.setattr(private_network, "_try_link", lambda: "RTNETLINK answers: Operation not supported")
    assert "Operation not supported" in private_network.unable().reason
    monkeypatch.undo()
    assert private_network.unable() is None


def test_the_links_of_this_machine_are_told():
    assert system.link_running("no-such-link0") is None
    link = system.default_link()
    assert link is None or system.link_running(link) in (True, False)
    assert socket.if_nameindex()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_a_companion_is_reached_by_both_families_whatever_it_listens_on(tmp_path, address):
    """One that ends its answer when the bot has said all, as many do: each direction is closed for itself."""
    seen = in_process(
        f"""
family = socket.AF_INET6 if ":" in {address!r} else socket.AF_INET
with net.outside():
    server = socket.create_server(({address!r}, 0), family=family)
    port = server.getsockname()[1]

    def serve():
        while True:
            client, _ = server.accept()
            asked = b""
            while piece := client.recv(100):
                asked += piece
            client.sendall(asked.upper())
            client.close()

    threading.Thread(target=serve, daemon=True).start()
net.lead_to_companions()
net.lead_to_companions()

def asks(one):
    with socket.create_connection((one, port), 5) as client:
        client.sendall(b"price?")
        client.shutdown(socket.SHUT_WR)
        return client.recv(100).decode()

addresses = net.hosts["one.fleet-stress.test"]
told(answers=[asks(one) for one in addresses], inside=connects("127.0.0.1", port))
net.close()
""",
        tmp_path,
    )
    assert seen["answers"] == ["PRICE?", "PRICE?"]
    assert seen["inside"] == "ConnectionRefusedError"


def test_a_companion_that_has_ended_is_not_there_for_the_bot_either(tmp_path):
    seen = in_process(
        """
with net.outside():
    server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
net.lead_to_companions()
server.close()
with socket.create_connection((net.hosts["one.fleet-stress.test"][0], port), 5) as client:
    told(said=client.recv(100).decode())
net.close()
""",
        tmp_path,
    )
    assert seen["said"] == ""


def test_the_bot_has_the_addresses_of_its_host(tmp_path):
    """It may listen on the one that its host's name leads to."""
    seen = in_process(
        """
from fleet_stress.system.linux.network import new_network
new_network()  # stands for a host
run(["ip", "addr", "add", "198.51.100.7/24", "dev", "lo"])
net = private_network.Network(["one.fleet-stress.test"])
with socket.create_server(("198.51.100.7", 0)) as server:
    told(inside=connects("198.51.100.7", server.getsockname()[1]),
         stub=connects(net.hosts["one.fleet-stress.test"][0], 80))
net.close()
""",
        tmp_path,
        private=False,
    )
    assert seen == {"inside": "connected", "stub": "connected"}
