"""asyncio: a task asks for prices, another one trades. Its state is written under a random name and renamed."""

import asyncio
import contextlib
import json
import logging
import logging.handlers
import os
import signal
import tempfile
import time
from pathlib import Path

from common import BROKEN, CYCLES, EVERY, LOGS, STATE, load, remove, sync_folder
from price import HOST, PORT, SECONDS

logging.raiseExceptions = False
log = logging.getLogger("bot")
log.addHandler(logging.StreamHandler())
with contextlib.suppress(OSError):
    log.addHandler(logging.handlers.RotatingFileHandler(LOGS / "bot.log", maxBytes=200_000, backupCount=3))
FILE = STATE / "state.json"


class Book:
    price, live, at = 100.0, None, 0.0


def save(document):
    beside = None
    try:
        number, beside = tempfile.mkstemp(prefix="state.json.", suffix=".part", dir=STATE)
        with os.fdopen(number, "w") as stream:
            json.dump(document, stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(beside).replace(FILE)
        sync_folder(STATE)
    except OSError as problem:
        log.error("cannot write the state: %s", problem)
        if beside:
            remove(Path(beside))


async def fetch():
    reader, writer = await asyncio.open_connection(HOST.strip("[]"), int(PORT), limit=100_000)
    try:
        writer.write(b"GET /price HTTP/1.0\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.splitlines()[0]:
            raise OSError("no price in this answer")
        return float(json.loads(await reader.read(100_000))["price"])
    finally:
        writer.close()


async def feed(book):
    while True:
        try:
            price = await asyncio.wait_for(fetch(), SECONDS)
        except Exception as problem:
            if BROKEN == "dead_feed":  # nobody looks at what became of this task
                raise
            if book.live is not False:
                log.error("no price (%s), falling back to mock data", type(problem).__name__)
            book.live = False
        else:
            if book.live is False:
                log.error("live data from now on")
            book.price, book.live, book.at = price, True, time.monotonic()
        await asyncio.sleep(min(EVERY, 0.2))


async def main():
    for left in STATE.glob("state.json.*.part"):
        remove(left)
    stop, book, state, here = asyncio.Event(), Book(), load(FILE, log.error), 0
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    task = asyncio.create_task(feed(book))
    while book.live is None and not task.done() and not stop.is_set():
        await asyncio.sleep(0.02)
    while not stop.is_set():
        here += 1
        state["orders"] = state.get("orders", 0) + 1
        source = "live" if book.live else "mock"
        save({**state, "here": here, "price": book.price, "source": source, "at": time.time()})
        if here == CYCLES:
            break
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY)
    task.cancel()


asyncio.run(main())
