"""Its orders wait in a queue; a thread of its own writes them five at a time, and the rest when Python exits."""

import atexit
import json
import os
import queue
import signal
import threading
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, save, say, stop_when_asked, stopping

ORDERS, HEART, BATCH = STATE / "orders.jsonl", STATE / "heart.json", 5
waiting, unwritten, writing = queue.Queue(), [], threading.Lock()


def whole_lines():
    """How many orders there are; half a one at the end is cut off."""
    try:
        with ORDERS.open("rb+") as stream:
            lines = stream.read().split(b"\n")[:-1]
            stream.truncate(sum(len(line) + 1 for line in lines))
            return len(lines)
    except FileNotFoundError:
        return 0
    except OSError as problem:
        say(f"cannot read {ORDERS.name}: {problem}")
        return 0


def append(orders):
    """All of them or none."""
    number = os.open(ORDERS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        before, data = (
            os.fstat(number).st_size,
            "".join(f"{json.dumps(order)}\n" for order in orders).encode(),
        )
        try:
            if os.write(number, data) < len(data):
                raise OSError("No space left on device")
            os.fsync(number)
        except OSError:
            os.ftruncate(number, before)
            raise
    finally:
        os.close(number)


def write(least):
    with writing:
        while not waiting.empty():
            unwritten.append(waiting.get())
        if len(unwritten) >= least:
            try:
                append(unwritten)
                unwritten.clear()
            except OSError as problem:
                say(f"cannot write {ORDERS.name}: {problem}")


def write_batches():
    while not stopping.is_set():
        write(BATCH)
        stopping.wait(0.02)


atexit.register(write, 1)
stop_when_asked()
if BROKEN == "leaves_at_once":  # and what is registered with atexit never runs
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
number, here = whole_lines(), 0
load(HEART)
threading.Thread(target=write_batches, daemon=True).start()
while not stopping.is_set():
    here, number = here + 1, number + 1
    waiting.put({"id": number, "at": time.time()})
    save(HEART, {"here": here, "at": time.time()})
    if here == CYCLES:
        break
    stopping.wait(EVERY)
