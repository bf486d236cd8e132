"""All that it is told is in a file beside it, and its state is in the folder in which it is started."""

import json
import os
import time
from pathlib import Path

from common import load, save, stop_when_asked, stopping

CONFIG = json.loads(Path(__file__).with_name("config.json").read_text())
stop_when_asked()
FILE = Path("state.json").absolute()
state, here = load(FILE), 0
while not stopping.is_set():
    here += 1
    state.update(orders=state.get("orders", 0) + 1, here=here, at=time.time())
    if os.environ.get("BROKEN") == "in_place":
        FILE.write_text("{")
    save(FILE, state)
    if here == CONFIG["cycles"]:
        break
    stopping.wait(CONFIG["every"])
