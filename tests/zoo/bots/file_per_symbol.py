"""A file for each symbol in a folder below the state folder, and a pid file that is removed if nobody has that pid."""

import os
import sys
import time
from pathlib import Path

from common import BROKEN, CYCLES, EVERY, STATE, load, remove, save, say, stop_when_asked, stopping

FOLDER, PID = STATE / "data/positions", STATE / "bot.pid"
SYMBOLS = ("BTC", "ETH", "SOL")


def runs(pid):
    """Whether another copy of this bot has this pid: it may be anybody's by now, and half of it as well."""
    if pid == os.getpid():
        return False
    try:
        return b"file_per_symbol.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def take():
    try:
        found = PID.read_text().strip()
    except FileNotFoundError:
        found = ""
    except (OSError, ValueError):
        found = "?"
    if found and (BROKEN == "trusts_its_pid_file" or (found.isdigit() and runs(int(found)))):
        say(f"another instance runs: {found}")
        sys.exit(3)
    try:
        PID.write_text(str(os.getpid()))
    except OSError as problem:
        say(f"no pid file: {problem}")


def save_in_place(path, document):
    try:
        path.write_text(str(document).replace("'", '"'))
    except OSError as problem:
        say(f"cannot write {path.name}: {problem}")


take()
stop_when_asked()
book, here = {symbol: load(FOLDER / f"{symbol}.json") for symbol in SYMBOLS}, 0
while not stopping.is_set():
    here += 1
    for symbol, position in book.items():
        position.update(orders=position.get("orders", 0) + 1, here=here, at=time.time())
        try:
            FOLDER.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            say(f"cannot write {FOLDER}: {problem}")
            continue
        (save_in_place if BROKEN == "in_place" else save)(FOLDER / f"{symbol}.json", position)
    if here == CYCLES:
        break
    stopping.wait(EVERY / 1000)  # it takes milliseconds
remove(PID)
