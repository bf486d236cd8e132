"""The stub exchange: three markets on loopback, spoken in the public part of Bitvavo's HTTP interface.

    python exchange.py --ready-file FILE [--host ADDRESS]

It listens on a free port and writes it to FILE once a client can connect. A price follows from the time alone,
so that candles asked for twice are the same. SIGTERM ends it.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MARKETS = {"ALPHA-EUR": 15.0, "BETA-EUR": 12.0, "GAMMA-EUR": 18.0}
_CANDLE_MS = 60_000
_CANDLES = 1440


def price(market: str, at_ms: float) -> float:
    """The price of a market at a time: up and down by two per cent within an hour."""
    return round(MARKETS[market] * (1 + 0.02 * math.sin(at_ms / 3_600_000 * 2 * math.pi)), 4)


def markets() -> list[dict[str, Any]]:
    """What can be traded, and in which steps."""
    return [
        {
            "market": name,
            "status": "trading",
            "base": name.partition("-")[0],
            "quote": "EUR",
            "tickSize": "0.0001",
            "minOrderInBaseAsset": "0.001",
            "minOrderInQuoteAsset": "1.00",
            "maxOrderInBaseAsset": "1000000000",
            "maxOrderInQuoteAsset": "1000000000",
            "quantityDecimals": "8",
            "notionalDecimals": "2",
            "orderTypes": ["market", "limit"],
        }
        for name in MARKETS
    ]


def assets() -> list[dict[str, Any]]:
    """The currencies of all markets."""
    names = ["EUR", *(name.partition("-")[0] for name in MARKETS)]
    return [{"symbol": name, "name": name, "decimals": 8, "networks": []} for name in names]


def ticker(market: str) -> dict[str, Any]:
    """The last price of a market."""
    now = time.time() * 1000
    last = str(price(market, now))
    sizes = {"bidSize": "1000", "askSize": "1000", "volume": "100000", "volumeQuote": "1500000"}
    prices = dict.fromkeys(("open", "high", "low", "last", "bid", "ask"), last)
    return {"market": market, "timestamp": int(now), **prices, **sizes}


def book(market: str) -> dict[str, Any]:
    """One large offer on each side."""
    last = str(price(market, time.time() * 1000))
    return {
        "market": market,
        "nonce": int(time.time()),
        "bids": [[last, "100000"]],
        "asks": [[last, "100000"]],
    }


def candles(market: str, query: dict[str, list[str]]) -> list[list[Any]]:
    """Candles of a minute, the newest first, within what was asked for."""
    now = int(time.time() * 1000)
    end = min(int(query.get("end", [str(now)])[0]), now) // _CANDLE_MS * _CANDLE_MS
    count = min(int(query.get("limit", [str(_CANDLES)])[0]), _CANDLES)
    start = max(int(query.get("start", ["0"])[0]), end - (count - 1) * _CANDLE_MS)
    return [[at, *[str(price(market, at))] * 4, "1000"] for at in range(end, start - 1, -_CANDLE_MS)]


def answer(path: str, query: dict[str, list[str]]) -> Any:
    """What a path is answered with; None where there is no such thing."""
    plain = {"/v2/markets": markets, "/v2/assets": assets}
    if path in plain:
        return plain[path]()
    if path == "/v2/time":
        return {"time": int(time.time() * 1000)}
    if path == "/v2/ticker/24h":
        asked = query.get("market")
        return ticker(asked[0]) if asked and asked[0] in MARKETS else [ticker(name) for name in MARKETS]
    for name in MARKETS:
        if path == f"/v2/{name}/book":
            return book(name)
        if path == f"/v2/{name}/candles":
            return candles(name, query)
    return None


class Exchange(ThreadingTCPServer):
    """Not an ``http.server.HTTPServer``: that looks up its own name, which takes long without a network."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str) -> None:
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, 0), Handler)

    def server_bind(self) -> None:
        """Listen. On ``::`` for both families, whatever the system's default is."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class Handler(BaseHTTPRequestHandler):
    """Answers GET."""

    protocol_version = "HTTP/1.1"
    #: Seconds after which a client that says nothing is let go.
    timeout = 60

    def do_GET(self) -> None:
        """JSON, or 404."""
        asked = urlsplit(self.path)
        found = answer(asked.path, parse_qs(asked.query))
        if found is None:
            self.send_error(404)
            return
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Exchange(options.host) as exchange:
        waiting = options.ready_file.with_name(f"{options.ready_file.name}.new")
        waiting.write_text(str(exchange.server_address[1]), encoding="ascii")
        waiting.replace(options.ready_file)
        exchange.serve_forever()


if __name__ == "__main__":
    main()
