"""A name server of ours: what it is asked and what it answers, byte by byte and over both kinds of connection."""

import ipaddress
import socket
import struct
import time

import pytest

from fleet_stress.system.network import name_server
from fleet_stress.system.network.name_server import NameServer, answer_to, parse

HOSTS = {"Market.fleet-stress.test": ["192.0.2.10", "2001:db8::a"]}
A, AAAA, MX = 1, 28, 15


def query(name="market.FLEET-stress.test", kind=A, number=77):
    labels = b"".join(bytes([len(word)]) + word.encode() for word in name.split(".") if word)
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


def told(answer):
    """Number, code and addresses of an answer to ``query()``."""
    number, flags, _, count, _, _ = struct.unpack_from(">HHHHHH", answer)
    assert flags & 0x8000
    at, found = len(query()), []
    for _ in range(count):
        _, _, _, ttl, length = struct.unpack_from(">HHHIH", answer, at)
        assert ttl == 0
        found.append(str(ipaddress.ip_address(answer[at + 12 : at + 12 + length])))
        at += 12 + length
    assert at == len(answer)
    return number, flags & 0xF, found


@pytest.fixture
def server(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr(name_server, "PORT", port)
    server = NameServer("127.0.0.1", HOSTS)
    yield server
    server.close()
    server.close()


def ask(message, within=20.0):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(within)
        client.sendto(message, ("127.0.0.1", name_server.PORT))
        return told(client.recv(4096))


def test_names_are_told_whatever_their_letters_by_the_family_that_is_asked_for(server):
    assert ask(query()) == (77, 0, ["192.0.2.10"])
    assert ask(query(kind=AAAA)) == (77, 0, ["2001:db8::a"])
    assert ask(query(kind=MX)) == (77, 0, [])
    assert server.asked.names == {"market.fleet-stress.test": 3}


def test_a_name_that_is_nobodys_is_not_there_and_is_counted_apart(server):
    server.answer("silent")
    other = query("markets.fleet-stress.tes")
    assert ask(other) == (77, 3, [])
    assert (server.asked.known, server.asked.others) == (0, 1)


@pytest.mark.parametrize(
    ("how", "code", "addresses"),
    [("servfail", 2, []), ("nxdomain", 3, []), ("refused", 5, []), ("astray", 0, ["192.0.2.254"])],
)
def test_it_answers_badly_while_it_is_to_and_well_again(server, how, code, addresses):
    server.answer(how)
    during = ask(query())
    before, _ = server.answer(None)
    assert (during, before.known) == ((77, code, addresses), 1)
    assert ask(query()) == (77, 0, ["192.0.2.10"])


def test_a_slow_answer_comes_late_and_keeps_nobody_else_waiting(server):
    server.answer("slow", 1.0)
    began = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(20.0)
        client.sendto(query(), ("127.0.0.1", name_server.PORT))
        assert ask(query("nobody.fleet-stress.test"[:24]))[1] == 3
        client.settimeout(20.0)
        assert told(client.recv(4096)) == (77, 0, ["192.0.2.10"])
    assert time.monotonic() - began >= 0.99


def test_a_question_that_vanishes_is_counted(server):
    server.answer("silent")
    with pytest.raises(TimeoutError):
        ask(query(), within=0.3)
    assert server.asked.known == 1


def test_over_tcp_it_says_the_same(server):
    with socket.create_connection(("127.0.0.1", name_server.PORT), 20) as client:
        for number in (1, 2):
            message = query(number=number)
            client.sendall(struct.pack(">H", len(message)) + message)
            stream = client.makefile("rb")
            answer = stream.read(int.from_bytes(stream.read(2), "big"))
            stream.close()
            assert told(answer) == (number, 0, ["192.0.2.10"])


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0" * 11,
        query()[:-3],
        query()[:20],
        struct.pack(">HHHHHH", 1, 0x8180, 1, 0, 0, 0) + query()[12:],  # an answer
        struct.pack(">HHHHHH", 1, 0x0100, 2, 0, 0, 0) + query()[12:],  # two questions
        query()[:12] + b"\xc0\x0c" + query()[-4:],  # a name that points to itself
        query()[:-2] + b"\0\3",  # another class
        query()[:13] + b"\xff" + query()[14:],
    ],
)
def test_what_is_no_question_is_none(said, server):
    assert parse(said) is None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(said, ("127.0.0.1", name_server.PORT))
    assert ask(query())[1] == 0  # and it is still there


def test_an_answer_is_to_its_question():
    question = parse(query(number=9))
    assert told(answer_to(question, 0, ["192.0.2.1", "2001:db8::1", "192.0.2.2"])) == (
        9,
        0,
        ["192.0.2.1", "192.0.2.2"],
    )
