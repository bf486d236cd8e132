"""A small exchange to be led to, and a client that tells what became of its question."""

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

PRICES = {"ALPHA": 15.25, "BETA": 12.5, "GAMMA": 18.75}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps(PRICES).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def an_exchange():
    """Its port, as long as it is there."""
    with mock.patch.object(socket, "getfqdn", return_value="here"):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(port, target="/prices", *, most=10_000_000, within=20.0, more=b""):
    """Status, headers by their names in small letters, and body, as far as it came; ``most`` bytes at most."""
    with socket.create_connection(("127.0.0.1", port), within) as client:
        client.sendall(b"GET " + target.encode() + b" HTTP/1.0\r\nHost: x.test:1\r\n" + more + b"\r\n")
        answer = b""
        while len(answer) < most and (piece := client.recv(65536)):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body
