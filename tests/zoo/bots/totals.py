"""Knows only totals since it was first started; what it is asked for are the words of its command line."""

import argparse
import time

from common import BROKEN, STATE, load, save, stop_when_asked, stopping

parser = argparse.ArgumentParser()
parser.add_argument("--every", type=float, default=5.0)
parser.add_argument("--cycles", type=int, default=0)
words = parser.parse_args()
stop_when_asked()
FILE = STATE / "state.json"
state, here = load(FILE), 0
if BROKEN == "forgets":
    state = {}
while not stopping.is_set():
    here += 1
    state.update(orders=state.get("orders", 0) + 1, at=time.time())
    save(FILE, state)
    if here == words.cycles:
        break
    stopping.wait(words.every)
