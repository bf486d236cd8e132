"""The process of one file system: mounts, says so, serves until it is unmounted. Started by ``mounted.py``.

Its standard input is its arena: a line ``off`` switches the rules off, and its end is the arena's, so ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

from fleet_stress.faulty_fs.effects import Effects
from fleet_stress.faulty_fs.record import Record
from fleet_stress.faulty_fs.rules import Rules

#: So many operations at once; whoever comes beyond waits, as on any disk.
_THREADS = 16


def main(order: Path) -> int:
    """Serve what the file ``order`` (JSON) says: see ``mounted.Mounted``."""
    asked: dict[str, Any] = json.loads(order.read_text(encoding="utf-8"))
    try:
        from fleet_stress.faulty_fs import lowlevel
        from fleet_stress.faulty_fs.passthrough import Passthrough
    except (ImportError, OSError, AttributeError) as problem:
        print(f"libfuse3 cannot be used: {problem}", file=sys.stderr)
        return 1
    effects = Effects(
        Rules(asked["rules"]),
        Record(Path(asked["figures"]), Path(asked["log"])),
        asked["uid"],
        asked["spared"],
    )
    # Before it is mounted: afterwards its name leads to ourselves.
    root = os.open(asked["folder"], os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    os.umask(0)  # the kernel has taken the caller's off already
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    options = ["default_permissions", f"fsname={asked['source']}", "subtype=fleet-stress"]
    if os.geteuid() == 0:
        os.setgroups([])
        options.append("allow_other")
    try:
        session = lowlevel.Session(Passthrough(root, effects), options)
        session.mount(asked["folder"])
    except OSError as problem:
        print(problem.strerror, file=sys.stderr)
        return 1
    threading.Thread(target=_listen, args=(effects,), daemon=True).start()
    print("mounted", flush=True)
    session.serve(_THREADS)
    return 0


def _listen(effects: Effects) -> None:
    for line in sys.stdin:
        if line.strip() == "off":
            effects.switch_off()
            with contextlib.suppress(OSError):
                print("off", flush=True)
    os._exit(0)  # the kernel ends the connection, and whoever waits for us gets an error


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
