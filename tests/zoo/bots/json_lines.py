"""Appends each order as a line to orders.jsonl, and says in another file how far it is."""

import json
import time

from append_only import append, read
from common import BROKEN, CYCLES, EVERY, STATE, load, save, stop_when_asked, stopping

ORDERS, HEART = STATE / "orders.jsonl", STATE / "heart.json"


def usable(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


stop_when_asked()
load(HEART)
# Without a repair the next order is glued to half a one.
orders, here = read(ORDERS, usable, repair=BROKEN != "glues"), 0
while not stopping.is_set():
    here += 1
    order = json.dumps({"id": orders + 1, "price": 100 + here % 5, "at": time.time()})
    orders += append(ORDERS, f"{order}\n".encode())
    save(HEART, {"here": here, "orders": orders, "at": time.time()})
    if here == CYCLES:
        break
    stopping.wait(EVERY)
