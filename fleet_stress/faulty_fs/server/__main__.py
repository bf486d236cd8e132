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
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faulty_fs.power_cut.lose import lose
from fleet_stress.faulty_fs.power_cut.power import Mains, Power
from fleet_stress.faulty_fs.shipped.effects import Effects
from fleet_stress.faulty_fs.shipped.record import Record
from fleet_stress.faulty_fs.shipped.rules import Rules

#: So many operations at once; whoever comes beyond waits, as on any disk.
_THREADS = 16


def main(order: Path) -> int:
    """Serve what the file ``order`` (JSON) says: see ``mounted.FuseMount``."""
    asked: dict[str, Any] = json.loads(order.read_text(encoding="utf-8"))
    try:
        from fleet_stress.faulty_fs.server import lowlevel
        from fleet_stress.faulty_fs.server.passthrough import Passthrough
    except (ImportError, OSError, AttributeError) as problem:
        print(f"libfuse3 cannot be used: {problem}", file=sys.stderr)
        return 1
    # Before it is mounted: afterwards its name leads to ourselves.
    root = os.open(asked["folder"], os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    power = _power(root, asked)
    effects = Effects(
        Rules(asked["rules"]),
        Record(Path(asked["figures"]), Path(asked["log"])),
        asked["uid"],
        asked["spared"],
        power.cut,
    )
    os.umask(0)  # the kernel has taken the caller's off already
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    options = ["default_permissions", f"fsname={asked['source']}", "subtype=fleet-stress"]
    if os.geteuid() == 0:
        os.setgroups([])
        options.append("allow_other")
    try:
        session = lowlevel.Session(Passthrough(root, effects, power), options)
        session.mount(asked["folder"])
    except OSError as problem:
        print(problem.strerror, file=sys.stderr)
        return 1
    threading.Thread(target=_listen, args=(effects, power), daemon=True).start()
    print("mounted", flush=True)
    session.serve(_THREADS)
    return 0


def _power(root: int, asked: Mapping[str, Any]) -> Mains:
    """One that can be cut where a rule does."""
    like = {rule.get("like", "ext4") for rule in asked["rules"] if "forget" in rule}
    if not like:
        return Mains()
    from fleet_stress.faulty_fs.server import lowlevel

    return Power(root, like.pop(), Path(asked["figures"] + ".kept"), lowlevel.as_ourselves)


def _listen(effects: Effects, power: Mains) -> None:
    for line in sys.stdin:
        if line.strip() == "off":
            effects.switch_off()
            answer = {"off": True, **_forget(power)}
            with contextlib.suppress(OSError):
                print(json.dumps(answer), flush=True)
    os._exit(0)  # the kernel ends the connection, and whoever waits for us gets an error


def _forget(power: Mains) -> dict[str, Any]:
    """Where the power was cut: whoever used the folder is gone by now."""
    if not isinstance(power, Power) or power.off is None:
        return {}
    try:
        return {"lost": lose(power, power.off)}
    except Exception as problem:
        return {"failed": f"{type(problem).__name__}: {problem}"}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
