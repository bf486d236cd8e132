"""A parent that only passes signals on: its child has the state, as under any process manager."""

import json
import os
import signal
import sys
import threading
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, save, stop_when_asked, stopping

FILE = STATE / "state.json"


def save_in_place(document):
    text = json.dumps(document)
    with FILE.open("w") as stream:
        stream.write(text[:9])
        stream.flush()
        time.sleep(0.005)
        stream.write(text[9:])


def end_with_the_parent(pipe):
    os.read(pipe, 1)  # nobody writes: it ends with the last one who could
    os._exit(1)


def work(pipe):
    stop_when_asked()
    threading.Thread(target=end_with_the_parent, args=(pipe,), daemon=True).start()
    state, here, kept = load(FILE), 0, []
    while not stopping.is_set():
        here += 1
        state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
        if BROKEN == "child_leaks":
            kept.append(os.urandom(400_000))
        if BROKEN == "child_tears":
            save_in_place(state)
        else:
            save(FILE, state)
        if here == CYCLES:
            break
        stopping.wait(EVERY)


ours, parents = os.pipe()
child = os.fork()
if child == 0:
    os.close(parents)
    work(ours)
    os._exit(0)
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: os.kill(child, signal.SIGTERM))
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
