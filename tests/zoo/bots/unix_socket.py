"""Listens on a socket in its state folder for whoever controls it; its path may have so many characters and no more."""

import socket
import sys
import threading
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, remove, save, say, stop_when_asked, stopping

FILE, SOCKET = STATE / "state.json", STATE / "ctl.sock"


def listen():
    if BROKEN != "stale":  # a kill has left it there
        remove(SOCKET)
    server = socket.socket(socket.AF_UNIX)
    try:
        server.bind(str(SOCKET))
        server.listen(5)
    except OSError as problem:
        if problem.errno is None or BROKEN:  # a path that is too long has none
            say(f"it cannot be controlled: {problem}")
            sys.exit(4)
        say(f"goes on without control: {problem}")
        return None
    return server


def serve(server):
    while True:
        try:
            client, _ = server.accept()
            with client:
                client.sendall(b"ok\n")
        except OSError:
            return


stop_when_asked()
server = listen()
if server:
    threading.Thread(target=serve, args=[server], daemon=True).start()
state, here = load(FILE), 0
while not stopping.is_set():
    here += 1
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
    save(FILE, state)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
if server:
    server.close()
    remove(SOCKET)
