"""Appends each order as a row to a CSV file, and says in another file how far it is."""

import csv
import io
import time

from append_only import append, read
from common import BROKEN, CYCLES, EVERY, STATE, load, save, stop_when_asked, stopping

FILE, HEART = STATE / "orders.csv", STATE / "heart.json"


def row(*values):
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue().encode()


HEAD = row("id", "price", "at")
stop_when_asked()
load(HEART)
orders, here = read(FILE, lambda line: line.count(b",") == 2, repair=BROKEN != "leaves_half_a_row") - 1, 0
while not stopping.is_set():
    here += 1
    if orders < 0:
        orders += append(FILE, HEAD)
    if orders >= 0:
        orders += append(FILE, row(orders + 1, 100 + here % 5, time.time()))
    save(HEART, {"here": here, "orders": max(0, orders), "at": time.time()})
    if here == CYCLES:
        break
    stopping.wait(EVERY)
