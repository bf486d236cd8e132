"""Logs each order, and keeps its full logs in one of three ways: KEEPS=dated, gzipped or per_start."""

import gzip
import logging
import logging.handlers
import os
import shutil
import time
from pathlib import Path

from common import BROKEN, CYCLES, EVERY, LOGS, STATE, load, save, stop_when_asked, stopping

LIMIT, KEPT = 20_000, 3
logging.raiseExceptions = False
left_open = []
log = logging.getLogger("bot")
log.setLevel("INFO")
log.addHandler(logging.StreamHandler())


class Dated(logging.handlers.BaseRotatingHandler):
    """bot.log, and full ones as bot-20261130-0001.log."""

    def shouldRollover(self, _):
        return self.stream.tell() > LIMIT

    def doRollover(self):
        if BROKEN == "leaves_open":
            left_open.append(self.stream)
        else:
            self.stream.close()
        earlier = sorted(LOGS.glob("bot-*.log"))
        number = int(earlier[-1].stem[-4:]) + 1 if earlier else 1
        full = Path(self.baseFilename)
        if BROKEN == "throws_away":
            full.unlink()
        else:
            full.replace(LOGS / f"bot-{time.strftime('%Y%m%d')}-{number:04d}.log")
        for old in earlier[: max(0, len(earlier) + 1 - KEPT)]:
            old.unlink()
        self.stream = self._open()


def gzipped():
    handler = logging.handlers.RotatingFileHandler(LOGS / "bot.log", maxBytes=LIMIT, backupCount=KEPT)
    handler.namer = "{}.gz".format
    handler.rotator = compress
    return handler


def compress(full, target):
    if BROKEN != "throws_away":
        with Path(full).open("rb") as stream, gzip.open(target, "wb") as packed:
            shutil.copyfileobj(stream, packed)
    Path(full).unlink()


def per_start():
    earlier = sorted(LOGS.glob("run-*.log"))
    for old in earlier[: 0 if BROKEN == "keeps_all" else max(0, len(earlier) + 1 - 10)]:
        old.unlink()
    return logging.FileHandler(LOGS / f"run-{time.time_ns()}.log")


MADE = {"dated": lambda: Dated(LOGS / "bot.log", "a"), "gzipped": gzipped, "per_start": per_start}
stop_when_asked()
try:
    log.addHandler(MADE[os.environ["KEEPS"]]())
except OSError as problem:
    log.error("no log file: %s", problem)
FILE = STATE / "state.json"
state, here = load(FILE, log.error), 0
while not stopping.is_set():
    here += 1
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
    save(FILE, state, log.error)
    log.info("order %d placed, %s", state["orders"], "and so on " * 20)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
