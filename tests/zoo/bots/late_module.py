"""Imports a module in its first cycle, and has no web page: a broken one ends it clearly, or is nobody's business."""

import time

from common import BROKEN, CYCLES, EVERY, STATE, load, save, stop_when_asked, stopping

stop_when_asked()
FILE = STATE / "state.json"
state, here = load(FILE), 0
while not stopping.is_set():
    here += 1
    try:
        from statistics import mean
    except Exception:
        if BROKEN != "swallows":
            raise
        mean = max
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time(), risk=mean([1, 2, 3]))
    save(FILE, state)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
