"""Tells everything on standard output, a JSON object a line, and waits for no reader."""

import contextlib
import json
import os
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, save, stop_when_asked, stopping

FILE = STATE / "state.json"
if BROKEN != "needs_its_reader":
    with contextlib.suppress(OSError):
        os.set_blocking(1, False)


def tell(words, **more):
    line = json.dumps({"message": words, **more})
    if BROKEN == "needs_its_reader":
        print(line, flush=True)
        return
    with contextlib.suppress(OSError):
        os.write(1, f"{line}\n".encode())


stop_when_asked()
state, here = load(FILE, tell), 0
while not stopping.is_set():
    here += 1
    state.update(orders=state.get("orders", 0) + 1, at=time.time())
    save(FILE, state, tell)
    tell("cycle finished", number=here)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
