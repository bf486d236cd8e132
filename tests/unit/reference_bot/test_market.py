"""Live prices while the exchange talks sense, mock data while it does not; never a trade at no price.

That it survives an exchange or a proxy that goes, hangs or drips is proved by rows 4.1 to 4.3 and 6.6 to 6.8.
"""

import json
import runpy
import socket
import threading

import pytest

from .conftest import BOT

FALLING_BACK = "falling back to mock data"


def test_live_prices_are_what_is_traded_at(bot, stub, read):
    bot.run_well(cycles=3, EXCHANGE_URL=stub.url)

    assert read(bot.health)["data_source"] == "live"
    assert [order["price"] for order in read(bot.ledger)["history"]] == [12.5] * 3
    assert [order["symbol"] for order in read(bot.ledger)["history"]] == ["BETA"] * 3
    assert len(stub.requests) == 3
    assert FALLING_BACK not in bot.complaints()


def with_price(price):
    return b'{"ALPHA": 15.0, "BETA": %s, "GAMMA": 18.0}' % price


OK = b"HTTP/1.0 200 OK\r\n\r\n"

NOT_TO_BE_TRADED_AT = [
    OK + with_price(b"0"),
    OK + with_price(b"0.0"),
    OK + with_price(b"-12.5"),
    OK + with_price(b"NaN"),
    OK + with_price(b"Infinity"),
    OK + with_price(b"1" + b"0" * 400),
    OK + with_price(b"true"),
    OK + with_price(b'"12.5"'),
    OK + with_price(b"null"),
    OK + b'{"ALPHA": 15.0, "GAMMA": 18.0}',
    OK,
    OK + b"<html>welcome to the airport's wireless network</html>",
    OK + b"[1, 2, 3]",
    OK + with_price(b"12.5")[:-3],
    OK + b'{"ALPHA": "\xff"}',
    OK + b"[" * 50_000,
    OK + b" " * 1_000_000 + with_price(b"12.5"),
    b"",
    b"HTTP/1.0 500 Internal Server Error\r\n\r\n" + with_price(b"12.5"),
    b"HTTP/1.0 204 No Content\r\n\r\n",
    b"HTTP/1.0 302 Found\r\nLocation: /elsewhere\r\n\r\n",
    b"HTTP/1.0\r\n\r\n" + with_price(b"12.5"),
    b"HTTP/1.0 200 OK\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n\r\n" + with_price(b"12.5"),
    b"\x00\xff" * 100,
    with_price(b"12.5"),
]


def test_answers_that_make_no_sense_are_not_traded_at(bot, stub, read):
    good = OK + with_price(b"12.5")
    answers = iter([good, *NOT_TO_BE_TRADED_AT, good])
    stub.behave = lambda connection: connection.sendall(next(answers))
    times = len(NOT_TO_BE_TRADED_AT)

    bot.run_well(cycles=times + 2, EXCHANGE_URL=stub.url)

    sources = [problem["data_source"] for problem in read(bot.activity) if problem["what"] == "cycle"]
    assert sources == ["live", *["mock"] * times, "live"], "one for each answer: it tries again each cycle"
    assert read(bot.health)["error_count"] == times
    prices = [order["price"] for order in read(bot.ledger)["history"]]
    assert all(10 <= price <= 20 for price in prices)
    assert bot.complaints().count(FALLING_BACK) == 1


def assert_mock_data_was_used(bot, read):
    assert read(bot.health)["data_source"] == "mock"
    assert read(bot.health)["error_count"] == 2
    assert bot.complaints().count(FALLING_BACK) == 1
    assert [10 <= order["price"] <= 20 for order in read(bot.ledger)["history"]] == [True, True]


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:1", "127.0.0.1:80", "http://", "http://a:b", "http://a\nb"]
)
def test_an_address_that_is_none(bot, read, url):
    bot.run_well(cycles=2, EXCHANGE_URL=url)

    assert_mock_data_was_used(bot, read)


def test_without_an_exchange_mock_data_is_no_error(bot, read):
    bot.run_well(cycles=2)

    assert read(bot.health)["data_source"] == "mock"
    assert read(bot.health)["error_count"] == 0
    assert "EXCHANGE_URL is not set" in bot.complaints()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_it_goes_through_a_proxy(bot, stub, read, name):
    # A name that cannot be looked up: only the proxy can have answered.
    bot.run_well(cycles=1, EXCHANGE_URL="http://exchange.invalid:81", **{name: stub.url})

    assert read(bot.health)["data_source"] == "live"
    assert stub.requests[0].startswith(
        b"GET http://exchange.invalid:81/prices HTTP/1.0\r\nHost: exchange.invalid:81\r\n"
    )


@pytest.mark.parametrize("exempt", ["127.0.0.1", "example.org, 127.0.0.1", "*"])
def test_no_proxy_is_kept_to(bot, stub, read, exempt):
    bot.run_well(cycles=1, EXCHANGE_URL=stub.url, HTTP_PROXY="http://127.0.0.1:1", NO_PROXY=exempt)

    assert read(bot.health)["data_source"] == "live"
    assert stub.requests[0].startswith(b"GET /prices HTTP/1.0\r\n")


def test_nothing_of_an_answer_can_forge_a_line_of_the_log(bot, stub):
    stub.answer(json.dumps({"ALPHA": "1\n2026-01-01 00:00:00,000 INFO all is well"}).encode())

    bot.run_well(cycles=1, EXCHANGE_URL=stub.url)

    assert FALLING_BACK in bot.complaints()
    assert not any(line.startswith("2026-01-01") for line in bot.complaints().splitlines())


def test_all_addresses_of_a_name_share_one_patience(monkeypatch):
    """Packets to every address vanish: time is told here, so nothing is waited for."""
    module = runpy.run_path(str(BOT / "trader/fetch.py"))
    asked = []

    class Hole:
        def __init__(self, family, *_):
            self.family = family

        def settimeout(self, seconds):
            self.seconds = seconds

        def connect(self, _peer):
            asked.append(self.family)
            raise TimeoutError("timed out")

        def close(self):
            asked.append("closed")

    found = [(family, socket.SOCK_STREAM, 0, "", ("x", 80)) for family in (socket.AF_INET6, socket.AF_INET)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "socket", Hole)
    with pytest.raises(TimeoutError, match="timed out"):
        module["get"]("http://exchange.test/prices", 60.0)
    assert asked == [socket.AF_INET6, "closed", socket.AF_INET, "closed"]


def test_a_name_that_is_never_told_is_left_behind_and_not_without_bound(monkeypatch):
    module = runpy.run_path(str(BOT / "trader/fetch.py"))
    told, asked = threading.Event(), []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: asked.append(1) or told.wait(60) or [])
    for _ in range(20):
        with pytest.raises(TimeoutError, match="looked up"):
            module["get"]("http://exchange.test/prices", 0.01)
    told.set()
    assert len(asked) == 16
