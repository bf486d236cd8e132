"""A health page on a fixed port: it belongs to one bot at a time."""

import http.server
import json
import socket
import sys
import threading
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, save, say, stop_when_asked, stopping

FILE, PORT = STATE / "state.json", 18117


class Health(http.server.BaseHTTPRequestHandler):
    timeout = 5

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(state).encode())

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    if BROKEN == "shares_its_port":
        allow_reuse_port = True

    def server_bind(self):
        if BROKEN == "shares_its_port":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)


stop_when_asked()
try:
    server = Server(("127.0.0.1", PORT), Health)
except OSError as problem:
    say(f"another bot runs here: {problem}")
    sys.exit(4)
state, here = load(FILE), 0
threading.Thread(target=server.serve_forever, daemon=True).start()
while not stopping.is_set():
    here += 1
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
    save(FILE, dict(state))
    if here == CYCLES:
        break
    stopping.wait(EVERY)
