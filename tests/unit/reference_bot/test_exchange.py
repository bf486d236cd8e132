"""The stub exchange: ready when it says so, the same prices from the same seed, 0 when asked to end."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

BOT = Path(__file__).parents[3] / "reference_bot"


@pytest.fixture
def exchange(tmp_path, wait_until):
    """Starts exchanges; each is a process with its address as ``url``."""
    with contextlib.ExitStack() as stack:

        def start(*arguments):
            ready = tmp_path / "port"
            ready.unlink(missing_ok=True)
            process = subprocess.Popen(
                [sys.executable, "-B", "-W", "error", "exchange.py", "--ready-file", ready, *arguments],
                cwd=BOT,
            )
            stack.callback(lambda: (process.kill(), process.wait()))
            port = wait_until(lambda: ready.exists() and ready.read_text().strip())
            process.url = f"http://127.0.0.1:{port}"
            return process

        yield start


def get(url):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=60) as answer:
        return json.load(answer)


def test_the_same_walk_from_the_same_seed(exchange):
    def walk(*arguments):
        process = exchange(*arguments)
        return [get(f"{process.url}/prices") for _ in range(50)]

    first = walk()

    assert walk() == first
    assert walk("--seed", "7") != first
    assert len({str(prices) for prices in first}) == 50
    assert all(price > 0 for prices in first for price in prices.values())


def test_it_ends_when_asked(exchange, finish, capfd):
    process = exchange()

    process.send_signal(signal.SIGTERM)

    assert finish(process) == 0
    assert capfd.readouterr() == ("", "")


def test_anything_else_is_not_found(exchange):
    with pytest.raises(urllib.error.HTTPError, match="404") as failure:
        get(f"{exchange().url}/orders")
    failure.value.close()


def test_the_bot_trades_against_it_and_sees_it_go_and_return(exchange, bot, read, wait_until, finish):
    def source_is(name):
        return lambda: bot.health.exists() and read(bot.health)["data_source"] == name

    first = exchange()
    process = bot.start(EXCHANGE_URL=first.url)
    wait_until(source_is("live"))
    first.terminate()
    first.wait(60)
    wait_until(source_is("mock"))
    exchange("--port", first.url.rpartition(":")[2])
    wait_until(source_is("live"))
    process.terminate()

    assert finish(process) == 0
    assert bot.stderr() == ""


def test_it_may_listen_for_both_families(exchange):
    port = exchange("--host", "::").url.rpartition(":")[2]
    assert get(f"http://127.0.0.1:{port}/prices")["ALPHA"] > 0
    try:
        socket.create_connection(("::1", 9), 1).close()
    except ConnectionRefusedError:  # there is IPv6 here
        assert get(f"http://[::1]:{port}/prices")["ALPHA"] > 0
    except OSError:
        pytest.skip("no IPv6 here")
