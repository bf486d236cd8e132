"""Puts itself into the background, as daemons did: the process that was started is gone at once."""

import os
import sys
import time
from pathlib import Path

from common import BROKEN, CYCLES, EVERY, STATE, load, remove, save, stop_when_asked, stopping

PID, FILE = Path(os.environ["PID_FILE"]), STATE / "state.json"
if os.fork():
    os._exit(0)
os.setsid()
child = os.fork()
if child:
    PID.write_text(f"{child}\n")
    os._exit(0)
stop_when_asked()
state, here = load(FILE), 0
while not stopping.is_set():
    here += 1
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
    save(FILE, state)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
    while stopping.is_set() and BROKEN == "does_not_stop":
        time.sleep(1)
remove(PID)
sys.exit(0)
