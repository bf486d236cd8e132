"""A stub of an exchange that has a book: GET answers a price, POST takes an order, once, by its id."""

import argparse
import http.server
import json
import socket
from pathlib import Path


class Asked(http.server.BaseHTTPRequestHandler):
    timeout = 10
    book: Path
    taken: set

    def do_GET(self):
        self.answer({"price": 100 + len(self.taken) % 7})

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.taken.add(order["id"])
        write(self.book, {"accepted": len(self.taken)})
        self.answer({"ok": True})

    def answer(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def write(path, document):
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(document))
    beside.replace(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    parser.add_argument("--ready-file", type=Path)
    parser.add_argument("--book", type=Path)
    words = parser.parse_args()
    Asked.book, Asked.taken = words.book, set()
    write(words.book, {"accepted": 0})
    kind = http.server.HTTPServer
    kind.address_family = socket.AF_INET6 if ":" in words.host else socket.AF_INET
    server = kind((words.host, 0), Asked, bind_and_activate=False)
    if ":" in words.host:
        server.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.socket.bind(server.server_address)
    server.server_activate()
    write(words.ready_file, server.socket.getsockname()[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
