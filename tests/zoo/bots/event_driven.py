"""A cycle is a price that its exchange pushes. It has no interval, and counts cycles for nobody."""

import contextlib
import socket
import time

from common import BROKEN, STATE, load, save, stop_when_asked, stopping
from price import HOST, PORT

FILE = STATE / "book.json"


def tell(words):
    with contextlib.suppress(OSError):
        print(words, flush=True)


def listen(connection):
    """Raises OSError, ValueError."""
    global lost
    connection.settimeout(None if BROKEN == "waits_for_ever" else 1.0)
    rest = b""
    while not stopping.is_set():
        got = connection.recv(4096)
        if not got:
            raise OSError("closed by the exchange")
        *lines, rest = (rest + got).split(b"\n")
        for line in lines:
            state.update(ticks=state.get("ticks", 0) + 1, price=float(line), at=time.time())
            if lost:
                tell("the feed is back")
            lost = False
            save(FILE, state, tell)
            tell(f"tick {state['ticks']} handled")


stop_when_asked()
state, lost = load(FILE, tell), False
while not stopping.is_set():
    try:
        with socket.create_connection((HOST.strip("[]"), int(PORT)), timeout=2) as connection:
            listen(connection)
    except (OSError, ValueError) as problem:
        if not lost:
            tell(f"the feed is lost: {problem}")
        lost = True
        stopping.wait(0.2)
