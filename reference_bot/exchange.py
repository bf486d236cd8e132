"""The stub exchange: a tiny market on loopback for the reference bot to trade against.

    python exchange.py --ready-file FILE [--host ADDRESS] [--port PORT] [--seed SEED]

It listens on a port of 127.0.0.1 (a free one unless told otherwise) and writes the port to FILE once a client
can connect. GET /prices moves the market by one step and answers with it. SIGTERM ends it, exit code 0.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer


class Exchange(ThreadingTCPServer):
    """A market whose prices walk at random: from the same seed, the same way every time.

    Not an ``http.server.HTTPServer``: that looks up its own name first, which can take very long where the
    network has been taken away, and that is where stubs are of use.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int, seed: int) -> None:
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), Handler)
        self._chance = random.Random(seed)
        self._one_at_a_time = threading.Lock()
        self._prices = {"ALPHA": 15.0, "BETA": 12.0, "GAMMA": 18.0}

    def server_bind(self) -> None:
        """Listen. On ``::`` for both families, whatever the system's default is."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def step(self) -> dict[str, float]:
        """The prices after one more step. None ever comes to zero, nor runs away."""
        with self._one_at_a_time:
            for symbol, price in self._prices.items():
                moved = price * self._chance.uniform(0.98, 1.02)
                self._prices[symbol] = round(min(max(moved, 1.0), 1000.0), 2)
            return dict(self._prices)


class Handler(BaseHTTPRequestHandler):
    """Answers GET /prices."""

    server: Exchange
    #: Seconds after which a client that says nothing is let go.
    timeout = 10

    def do_GET(self) -> None:
        """Prices, or 404."""
        if self.path != "/prices":
            self.send_error(404)
            return
        body = json.dumps(self.server.step()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: a cycle a second for a day would be a large log of no news."""


def main() -> None:
    """Serve until ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ready-file", type=Path, required=True, help="where to write the port")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; :: for all of both families"
    )
    parser.add_argument("--port", type=int, default=0, help="0 (the default): a free one")
    parser.add_argument("--seed", type=int, default=42, help="of the prices' walk; 42 by default")
    wanted = parser.parse_args()
    with Exchange(wanted.host, wanted.port, wanted.seed) as exchange:
        beside = wanted.ready_file.with_name(wanted.ready_file.name + ".new")
        beside.write_text(f"{exchange.server_address[1]}\n", encoding="ascii")
        beside.replace(wanted.ready_file)
        exchange.serve_forever()


if __name__ == "__main__":
    main()
