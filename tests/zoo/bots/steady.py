"""The bot behind a shell wrapper: an order a cycle, and nothing else."""

import time

from common import CYCLES, EVERY, STATE, load, save, stop_when_asked, stopping

stop_when_asked()
FILE = STATE / "state.json"
state, here = load(FILE), 0
while not stopping.is_set():
    here += 1
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
    save(FILE, state)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
