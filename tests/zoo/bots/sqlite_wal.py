"""Its orders are in an SQLite database with a write-ahead log, through one long connection."""

import sqlite3
import time

from common import BROKEN, CYCLES, EVERY, STATE, say, stop_when_asked, stopping

FILE = STATE / "orders.sqlite"
TABLES = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, at REAL);
CREATE TABLE IF NOT EXISTS run (one INTEGER PRIMARY KEY CHECK (one = 1), here INTEGER, at REAL);
"""
connection, here, waiting = None, 0, []


def connected():
    global connection
    if connection is None:
        opened = sqlite3.connect(FILE, timeout=1, isolation_level=None)
        try:
            opened.executescript(TABLES)
        except sqlite3.Error:
            opened.close()
            raise
        connection = opened
    return connection


def disconnect():
    global connection
    try:
        if connection is not None:
            connection.close()
    except sqlite3.Error:
        pass
    connection = None


def put_damaged_aside():
    say(f"{FILE.name} is no database: put aside, begun anew")
    disconnect()
    for name in (FILE.name, f"{FILE.name}-wal", f"{FILE.name}-shm"):
        damaged = STATE / name
        if damaged.exists():
            damaged.replace(STATE / f"damaged-{name}")


stop_when_asked()
while not stopping.is_set():
    here += 1
    waiting.append((time.time(),))
    try:
        database = connected()
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO orders (at) VALUES (?)", waiting)
        database.execute("INSERT OR REPLACE INTO run VALUES (1, ?, ?)", (here, time.time()))
        database.execute("COMMIT")
        waiting = []
    except sqlite3.Error as problem:
        if BROKEN == "lock_ends_it":
            raise
        say(f"not saved, will be tried again: {problem}")
        try:
            if connection is not None and connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            disconnect()
        if "not a database" in str(problem) or "malformed" in str(problem):
            put_damaged_aside()
        elif "locked" not in str(problem):
            disconnect()
    if here == CYCLES:
        break
    stopping.wait(EVERY)
disconnect()
