"""Trades on prices of an exchange; it has none of its own to fall back to, so without them it waits."""

import logging
import logging.handlers
import os
import time

from common import BROKEN, CYCLES, EVERY, LOGS, STATE, load, save, stop_when_asked, stopping
from price import ask

logging.raiseExceptions = False
log = logging.getLogger("bot")
log.addHandler(logging.StreamHandler())
try:
    log.addHandler(logging.handlers.RotatingFileHandler(LOGS / "bot.log", maxBytes=200_000, backupCount=3))
except OSError as problem:
    log.error("no log file: %s", problem)

stop_when_asked()
#: It is handled all the same: a traceback only says where it came from.
TRACEBACKS = bool(os.environ.get("TRACEBACKS"))
FILE = STATE / "state.json"
state, here, live, price = load(FILE, log.error), 0, None, None
while not stopping.is_set():
    here += 1
    try:
        price = ask()
        if live is False and BROKEN != "trades_on":
            log.error("prices are back")
        live = True
    except OSError as problem:
        if live is not False and BROKEN != "trades_on":
            log.error("no price, no order: %s", problem, exc_info=TRACEBACKS)
        live = False
        if BROKEN == "gives_up":
            raise
    if live or BROKEN == "trades_on":
        state["orders"] = state.get("orders", 0) + 1
    state.update(here=here, at=time.time())
    save(FILE, state, log.error)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
