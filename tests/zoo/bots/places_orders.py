"""Places an order in each cycle, by an id: one that it is not sure of is placed again. Its exchange has the book."""

import http.client
import json
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, save, say, stop_when_asked, stopping
from price import HOST, PORT, SECONDS, in_time

FILE = STATE / "account.json"


def ask(method, path, body=None):
    """Raises OSError."""
    return in_time(lambda: _ask(method, path, body))


def _ask(method, path, body):
    connection = http.client.HTTPConnection(HOST.strip("[]"), int(PORT), timeout=SECONDS)
    try:
        connection.request(method, path, body and json.dumps(body))
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError(f"status {answer.status}")
        return json.loads(answer.read(100_000))
    finally:
        connection.close()


def trade(account):
    """Raises OSError."""
    price = float(ask("GET", "/price")["price"])
    # Its last order was placed for certain: the broken bot places another one instead of making sure.
    number = account["orders"] + 1 if BROKEN != "counts_anew" else time.time_ns()
    ask("POST", "/orders", {"id": number, "price": price})
    account.update(orders=account["orders"] + 1, last_price=price)


stop_when_asked()
account, here, live = {"orders": 0, **load(FILE)}, 0, None
while not stopping.is_set():
    here += 1
    try:
        trade(account)
        if live is False:
            say("prices are back")
        live = True
    except (OSError, KeyError, TypeError, ValueError) as problem:
        if live is not False:
            say(f"no price, no order: {problem}")
        live = False
        if BROKEN == "zero_price":
            account["last_price"] = 0.0
    account.update(here=here, at=time.time())
    save(FILE, account)
    if here == CYCLES:
        break
    stopping.wait(EVERY)
