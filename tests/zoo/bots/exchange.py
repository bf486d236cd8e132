"""A stub of an exchange: GET anything answers a price. With --push it sends one every 0.1 s to whoever connects."""

import argparse
import http.server
import json
import socket
import socketserver
import sys
import time
from pathlib import Path


class Asked(http.server.BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        body = json.dumps({"price": 100 + time.monotonic() % 7}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Pushing(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while True:
                self.request.sendall(b"%d\n" % (100 + time.monotonic() % 7))
                time.sleep(0.1)
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    parser.add_argument("--ready-file", type=Path)
    parser.add_argument("--push", action="store_true")
    words = parser.parse_args()
    if ":" in words.host:
        Server.address_family = socket.AF_INET6
    server = Server((words.host, 0), Pushing if words.push else Asked, bind_and_activate=False)
    if ":" in words.host:
        server.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.server_bind()
    server.server_activate()
    beside = words.ready_file.with_suffix(".new")
    beside.write_text(str(server.server_address[1]))
    beside.replace(words.ready_file)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
