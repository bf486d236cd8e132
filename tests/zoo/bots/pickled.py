"""Its state is a pickle, with its digest before it. `pickled.py orders FILE` says how many orders are in one."""

import hashlib
import json
import os
import pickle
import sys
import time
from pathlib import Path

from common import (
    BROKEN,
    CYCLES,
    EVERY,
    STATE,
    load,
    remove,
    save,
    say,
    stop_when_asked,
    stopping,
    sync_folder,
)

FILE, HEART = STATE / "account.pickle", STATE / "heart.json"


def read(path):
    """Raises OSError, ValueError."""
    digest, raw = path.read_bytes()[:32], path.read_bytes()[32:]
    if hashlib.sha256(raw).digest() != digest:
        raise ValueError("its digest is another one")
    return pickle.loads(raw)


def write(account):
    raw = pickle.dumps(account)
    content = hashlib.sha256(raw).digest() + raw
    beside = FILE if BROKEN == "in_place" else FILE.with_suffix(".tmp")
    try:
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(FILE)
        sync_folder(STATE)
    except OSError as problem:
        say(f"cannot write {FILE.name}: {problem}")
        remove(beside)


def main():
    stop_when_asked()
    load(HEART)
    remove(FILE.with_suffix(".tmp"))
    account, here = {"orders": 0}, 0
    try:
        account = read(FILE)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as problem:
        say(f"{FILE.name} cannot be used: {problem}")
    while not stopping.is_set():
        here += 1
        account["orders"] += 1
        write(account)
        save(HEART, {"here": here, "at": time.time()})
        if here == CYCLES:
            break
        stopping.wait(EVERY)


if sys.argv[1:2] == ["orders"]:
    print(json.dumps({"orders": read(Path(sys.argv[2]))["orders"]}))
else:
    main()
