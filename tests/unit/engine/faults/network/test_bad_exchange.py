"""``bad_exchange``: each answer is what it says; the relay passes all on before and after; every request is counted."""

import contextlib
import http.client
import json
import os
import socket
import time

import psutil
import pytest

from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.faults.network.bad_exchange import BadExchange, Weight
from fleet_stress.faults.site import Where
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo
from fleet_stress.system.network import bad_answers
from fleet_stress.system.network.relay import Relay
from tests.unit.engine.faults.conftest import make_site
from tests.unit.engine.faults.exchanges import PRICES, an_exchange, ask


@pytest.fixture
def relay():
    with an_exchange() as port:
        relay = Relay("127.0.0.1", port)
        yield relay
        relay.close()


@pytest.fixture
def stand(relay, tmp_path):
    def stand(answer, **more):
        site = make_site(tmp_path, relay=relay, processes=lambda: [psutil.Process()])
        undo = Undo(Journal(tmp_path / "journal.jsonl", "test"))
        return AppliedFault(BadExchange, site, {"answer": answer, **more}, undo, 0.0, 1)

    return stand


def test_before_and_after_all_is_as_if_nobody_stood_between(relay, stand):
    def prices():
        status, _, body = ask(relay.port)
        return status, json.loads(body)

    before = prices()
    standing = stand("server_error")
    during = ask(relay.port)[0]
    standing.revert(1.0)

    assert (before, during, prices()) == ((200, PRICES), 500, (200, PRICES))
    assert standing.entry["bit"] is True


def test_a_request_that_waits_for_its_answer_as_the_fault_begins_is_the_first_that_it_hits(tmp_path):
    """Its connection is broken off; a bot that never asks again has met the fault."""
    with socket.create_server(("127.0.0.1", 0)) as slow:
        relay = Relay("127.0.0.1", slow.getsockname()[1])
        site = make_site(tmp_path, relay=relay, processes=lambda: [psutil.Process()])
        with socket.create_connection(("127.0.0.1", relay.port), 20) as bot:
            bot.sendall(b"GET /prices HTTP/1.0\r\n\r\n")
            exchange, _ = slow.accept()
            assert exchange.recv(100)

            undo = Undo(Journal(tmp_path / "journal.jsonl", "test"))
            standing = AppliedFault(BadExchange, site, {"answer": "server_error"}, undo, 0.0, 1)

            assert bot.recv(100) == b""
            exchange.close()
        deadline = time.monotonic() + 20
        while not standing.fault.hits() and time.monotonic() < deadline:
            time.sleep(0.01)
        standing.revert(1.0)
        relay.close()
    assert standing.entry["bit"] is True
    assert (standing.entry["proof"]["requests"], standing.entry["proof"]["broken_off"]) == (0, 1)


def test_what_is_sent_reaches_the_exchange_and_connections_are_kept(relay):
    client = http.client.HTTPConnection("127.0.0.1", relay.port, timeout=20)
    for size in (10, 300_000):
        client.request("POST", "/order", b"x" * size)
        answer = client.getresponse()
        assert (answer.status, len(answer.read())) == (201, size)
    client.close()
    before, _ = relay.pass_on()
    assert (before.connections, before.requests) == (1, 2)


def test_429_says_when_to_ask_again_and_who_does_not_wait_is_counted(relay, stand):
    ask(relay.port)
    standing = stand("too_many_requests", retry_after=600)
    status, headers, body = ask(relay.port)
    ask(relay.port)
    standing.revert(1.0)
    assert (status, headers["retry-after"], len(body)) == (429, "600", int(headers["content-length"]))
    proof = standing.entry["proof"]
    assert (proof["requests"], proof["before_retry_after"], proof["before"]["requests"]) == (2, 1, 1)


def test_half_a_json_is_half_of_the_real_answer(relay, stand):
    stand("half_json")
    status, headers, body = ask(relay.port, more=b"Accept-Encoding: gzip\r\n")
    whole = json.dumps(PRICES).encode()
    assert (status, body) == (200, whole[: len(whole) // 2])
    assert int(headers["content-length"]) == len(body)


@pytest.mark.parametrize("whole", [b"12345678", b"[]", b'{"a": 1}', b"", b" 1 ", b"null"])
def test_half_of_anything_is_no_json(whole):
    with pytest.raises(ValueError, match=r"Expecting value|Expecting property|Unterminated|delimiter"):
        json.loads(bad_answers.half(whole))


def test_redirects_lead_on_and_never_to_the_same_place_again(relay, stand):
    stand("redirects")
    target, seen = "/prices", set()
    for _ in range(50):
        status, headers, _ = ask(relay.port, target)
        where = headers["location"]
        assert (status, where.startswith("http://x.test:1/prices?round=")) == (302, True)
        target = where[len("http://x.test:1") :]
        seen.add(target)
    assert len(seen) == 50


def test_a_flood_is_100_mb_of_json_and_whoever_goes_ends_it(relay, stand, monkeypatch):
    monkeypatch.setattr(bad_answers, "FLOOD", 5 * 1024 * 1024)
    ask(relay.port)
    standing = stand("flood")
    status, headers, body = ask(relay.port)
    assert (status, len(body), json.loads(body)) == (200, 5 * 1024 * 1024, [])
    assert int(headers["content-length"]) == len(body)
    assert len(ask(relay.port, most=100_000)[2]) < 1_000_000  # it does not wait for one that has gone
    standing.revert(1.0)
    assert standing.entry["proof"]["memory"]["before_mb"] > 1


def test_a_flood_weighs_the_bot_as_it_goes_on_and_all_of_them_are_bounded():
    weight = Weight([psutil.Process()])
    kept = bytearray(os.urandom(1024)) * (64 * 1024)
    assert weight.look(1024)
    del kept
    told = weight.describe()
    assert told["most_mb"] - told["before_mb"] > 50
    assert not weight.look(bad_answers.MOST_FLOODED)


def test_a_trickle_is_a_whole_head_and_a_byte_at_a_time_and_ends_with_the_fault(relay, stand):
    standing = stand("trickle")
    with socket.create_connection(("127.0.0.1", relay.port), 30) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += client.recv(1)
        began = time.monotonic()
        assert [client.recv(100), client.recv(100)] == [b" ", b" "]
        assert time.monotonic() - began >= 1.5
        standing.revert(1.0)
        while client.recv(100):
            pass


def test_a_connection_that_is_kept_from_better_days_is_closed(relay, stand):
    client = http.client.HTTPConnection("127.0.0.1", relay.port, timeout=20)
    client.request("GET", "/prices")
    assert client.getresponse().read()
    kept = client.sock
    stand("server_error")
    assert kept.recv(10) == b""
    client.close()


@pytest.mark.parametrize(
    ("before", "during", "why"),
    [(0, 1, "asked its exchange for nothing before"), (1, 0, "for nothing while it stood")],
)
def test_where_nobody_asked_nothing_was_met(relay, stand, before, during, why):
    for _ in range(before):
        ask(relay.port)
    standing = stand("server_error")
    for _ in range(during):
        ask(relay.port)
    assert standing.fault.hits() == during
    standing.revert(1.0)
    assert standing.entry["bit"] is False
    assert why in standing.entry["proof"]["why"]


def test_an_exchange_that_is_gone_itself_is_not_the_bots_fault(tmp_path):
    with an_exchange() as port:
        relay = Relay("127.0.0.1", port)
        ask(relay.port)
    site = make_site(tmp_path, relay=relay)
    standing = AppliedFault(
        BadExchange, site, {"answer": "half_json"}, Undo(Journal(tmp_path / "j", "test")), 0.0, 1
    )
    with pytest.raises(IndexError):
        ask(relay.port)
    standing.revert(1.0)
    assert standing.entry["bit"] is False
    assert "the exchange itself: ConnectionRefusedError" in standing.entry["proof"]["why"]
    relay.close()


@pytest.mark.parametrize("said", [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00" * 20_000, b"G"])
def test_what_is_no_request_is_hung_up_on_and_not_counted(relay, stand, said):
    standing = stand("server_error")
    with socket.create_connection(("127.0.0.1", relay.port), 20) as client:
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):  # there was more to hear than it wanted to
            assert client.recv(100) == b""
    assert standing.fault.hits() == 0


def test_nobody_listens_any_more_when_it_is_closed(relay):
    ask(relay.port)
    relay.close()
    relay.close()
    with pytest.raises(ConnectionRefusedError):
        ask(relay.port)


def test_a_bot_whose_profile_names_no_exchange_is_skipped(tmp_path):
    assert BadExchange.supported(Where(tmp_path, {"exchange": {"companion": "x"}}, None), {}) is None
    cannot = BadExchange.supported(Where(tmp_path, {"exchange": None}, None), {})
    assert "exchange" in cannot.enable


def test_a_reset_connection_is_a_failure_with_its_time_whatever_was_asked(relay, stand):
    ask(relay.port)
    standing = stand("hang_up")
    with socket.create_connection(("127.0.0.1", relay.port)) as bot, pytest.raises(ConnectionResetError):
        bot.recv(1)
    standing.revert(1.0)

    proof = standing.entry["proof"]
    assert standing.entry["bit"] is True
    assert proof["requests"] == len(proof["failed_at"]) == 1
    assert proof["failed_at"][0] == pytest.approx(time.monotonic(), abs=60)
