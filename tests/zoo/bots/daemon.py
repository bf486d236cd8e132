"""Puts itself into the background, as daemons did: the process that was started is gone at once."""

import os
import sys
import time
from pathlib import Path

from common import BROKEN, CYCLES, EVERY, STATE, load, remove, save, say, stop_when_asked, stopping

PID = Path(os.environ["TMPDIR"], "daemon.pid")
FILE = STATE / "state.json"
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
stop_when_asked()
try:
    PID.write_text(f"{os.getpid()}\n")
except OSError as problem:
    say(f"no pid file: {problem}")
    sys.exit(1)
state, here = load(FILE), 0
while not stopping.is_set() or BROKEN == "does_not_stop":
    here += 1
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
    save(FILE, state)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
    if stopping.is_set():
        time.sleep(0.05)
remove(PID)
