"""Its orders are in memory, its heart beats on the disk. When are the orders saved?"""

import time

from common import BROKEN, CYCLES, EVERY, STATE, load, save, stop_when_asked, stopping

FILE, HEART = STATE / "state.json", STATE / "heart.json"
stop_when_asked()
state, here, saved = load(FILE), 0, float("-inf")
load(HEART)
while not stopping.is_set():
    here += 1
    state["orders"] = state.get("orders", 0) + 1
    if BROKEN != "every_ten_seconds" or time.monotonic() - saved > 10:
        save(FILE, state)
        saved = time.monotonic()
    save(HEART, {"here": here, "at": time.time()})
    if here == CYCLES:
        break
    stopping.wait(EVERY)
save(FILE, state)
