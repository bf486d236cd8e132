"""A stub of Polymarket for bots/market_strategy_bot.yml: GET /markets answers a few markets, as its CLOB API does."""

import argparse
import http.server
import json
import socket
import time
from pathlib import Path


def markets():
    """Prices that move, and offer no arbitrage: with an open position the bot's status is never written again."""
    yes = 0.45 + (time.monotonic() % 7) / 100
    return [
        {
            "id": f"0xfleet{number}",
            "question": f"Does market {number} of the stub rise?",
            "yesPrice": round(yes, 4),
            "noPrice": round(1 - yes, 4),
            "volume24hr": 50_000,
            "liquidity": 20_000,
        }
        for number in range(1, 6)
    ]


class Asked(http.server.BaseHTTPRequestHandler):
    """One question; whatever it asks, it gets the markets."""

    timeout = 30

    def do_GET(self):
        """Answer."""
        body = json.dumps(markets()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """Asks no name server for its own name."""

    def server_bind(self):
        """Listen on IPv4 as well, where the address is `::`."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.server_address[0], self.socket.getsockname()[1]


def main():
    """Serve until the end of the scenario."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    parser.add_argument("--ready-file", type=Path)
    words = parser.parse_args()
    if ":" in words.host:
        Server.address_family = socket.AF_INET6
    server = Server((words.host, 0), Asked)
    beside = words.ready_file.with_suffix(".new")
    beside.write_text(str(server.server_port))
    beside.replace(words.ready_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
