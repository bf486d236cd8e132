"""``dead_proxy``: each kind is what it says to a client, counts it, and is gone afterwards."""

import contextlib
import socket
import time

import pytest

from fleet_stress.faults.network.dead_proxy import DeadProxy
from fleet_stress.system.network.relay import Relay
from tests.unit.engine.faults.conftest import applied, make_site
from tests.unit.engine.faults.exchanges import an_exchange
from tests.unit.engine.faults.exchanges import ask as ask_exchange


@pytest.fixture
def stand(tmp_path):
    site = make_site(tmp_path)
    site.next_start.environment["no_proxy"] = "localhost"
    standing = []

    def stand(how):
        fault = applied(DeadProxy, site, {"how": how})
        standing.append((how, fault))
        host, _, port = site.next_start.environment["http_proxy"].rpartition("/")[2].partition(":")
        return site, fault, (host, int(port))

    yield stand
    for _, fault in standing:
        fault.revert()


def ask(address, *, within=5.0):
    with socket.create_connection(address, within) as client:
        client.settimeout(within)
        client.sendall(b"GET http://x.test/ HTTP/1.0\r\n\r\n")
        answer = b""
        while piece := client.recv(65536):
            answer += piece
        return answer


def test_it_is_told_in_every_spelling_and_nobody_is_exempt(stand):
    site, _, address = stand("close")
    url = f"http://{address[0]}:{address[1]}"
    assert {
        site.next_start.environment[name]
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY")
    } == {url}
    assert site.next_start.environment["no_proxy"] == site.next_start.environment["NO_PROXY"] == ""


def test_it_closes(stand):
    _, _, address = stand("close")
    with contextlib.suppress(ConnectionError):  # closed before we had said a word
        assert ask(address) == b""


def test_it_answers_502(stand):
    assert ask(stand("bad_gateway")[2]).startswith(b"HTTP/1.1 502 ")


def test_it_answers_what_is_no_http(stand):
    answer = ask(stand("garbage")[2])
    assert answer
    assert not answer.startswith(b"HTTP/")


def test_it_never_answers(stand):
    with pytest.raises(TimeoutError):
        ask(stand("silent")[2], within=0.5)


def test_it_answers_one_byte_at_a_time(stand):
    address = stand("drip")[2]
    with socket.create_connection(address, 30) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        began = time.monotonic()
        first, second = client.recv(100), client.recv(100)
    assert (first, second) == (b"H", b"T")
    assert time.monotonic() - began >= 0.9


@pytest.mark.parametrize("how", ["close", "silent", "drip"])
def test_connections_are_the_proof_and_nothing_is_left(stand, how):
    site, fault, address = stand(how)
    assert fault.prove().took_effect is False
    clients = [socket.create_connection(address, 10) for _ in range(3)]
    deadline = time.monotonic() + 30
    while fault._listener.connections < 3 and time.monotonic() < deadline:
        time.sleep(0.01)

    proof = fault.prove()
    fault.revert()

    assert (proof.took_effect, proof.details["connections"]) == (True, 3)
    assert site.next_start.environment == {"no_proxy": "localhost"}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 10)
    for client in clients:
        client.close()


def test_a_bot_that_asks_its_exchange_past_it_has_lost_nothing(tmp_path):
    with an_exchange() as port, contextlib.closing(Relay("127.0.0.1", port)) as relay:
        ask_exchange(relay.port)  # before the fault: not counted
        fault = applied(DeadProxy, make_site(tmp_path, relay=relay), {"how": "close"})
        with contextlib.suppress(ConnectionError):
            ask(("127.0.0.1", fault._listener.ports[0]))
        assert fault.prove().took_effect is True

        ask_exchange(relay.port)

        proof = fault.prove()
        fault.revert()
    assert (proof.took_effect, proof.details["past_it"]) == (False, 1)
    assert "past it" in proof.details["why"]
