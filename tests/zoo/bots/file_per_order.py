"""Each order is a file of its own, and an index says how many there are."""

import os
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, remove, replace, say, stop_when_asked, stopping

FOLDER, INDEX = STATE / "orders", STATE / "index.json"


def numbered():
    """The number of the last order; what a kill left of the next one goes."""
    try:
        for path in FOLDER.glob("*.tmp"):
            remove(path)
        return max((int(path.stem) for path in FOLDER.glob("[0-9]*.json")), default=0)
    except OSError as problem:
        say(f"cannot read {FOLDER}: {problem}")
        return 0


def store(number, here):
    FOLDER.mkdir(parents=True, exist_ok=True)
    replace(FOLDER / f"{number:06}.json", {"id": number})
    if BROKEN == "leaves_a_file":  # one for each start, and nobody removes it
        (STATE / f"session-{os.getpid()}").touch()
    replace(INDEX, {"orders": number, "here": here, "at": time.time()})


stop_when_asked()
load(INDEX)
orders, here = numbered(), 0
while not stopping.is_set():
    here += 1
    try:
        store(orders + 1, here)
        orders += 1
    except OSError as problem:
        say(f"cannot write order {orders + 1}: {problem}")
    if here == CYCLES:
        break
    stopping.wait(EVERY)
