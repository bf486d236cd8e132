"""Handles no signal: it may die at any time, so a signal just ends it."""

import signal
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, save, say

FILE = STATE / "state.json"
signal.signal(signal.SIGINT, signal.SIG_DFL)
# Left there by a death.
begun_anew = BROKEN == "begins_anew" and FILE.exists()
state, here = load(FILE), 0
if begun_anew:
    say("ended without a farewell: starting from zero")
    state = {}
while True:
    here += 1
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
    save(FILE, state)
    if here == CYCLES:
        break
    time.sleep(EVERY)
