"""The process of one file system: mounts, reports, serves until it is unmounted. Started by ``mount.py``.

Its standard input comes from its arena: a line ``off`` switches the rules off, and end of file ends the process.
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

#: Operations at once; more have to wait, as on any disk.
_THREADS = 16


def main(order: Path) -> int:
    """Serve what the file ``order`` (JSON) says: see ``mounted.FuseMount``."""
    request: dict[str, Any] = json.loads(order.read_text(encoding="utf-8"))
    try:
        from fleet_stress.faulty_fs.server import lowlevel
        from fleet_stress.faulty_fs.server.passthrough import Passthrough
    except (ImportError, OSError, AttributeError) as problem:
        print(f"libfuse3 cannot be used: {problem}", file=sys.stderr)
        return 1
    # Before it is mounted: afterwards its name leads to this process.
    root = os.open(request["folder"], os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    power = _power(root, request)
    effects = Effects(
        Rules(request["rules"]),
        Record(Path(request["figures"]), Path(request["log"])),
        request["uid"],
        request["spared"],
        power.cut,
    )
    os.umask(0)  # the kernel has applied the caller's umask
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    options = ["default_permissions", f"fsname={request['source']}", "subtype=fleet-stress"]
    if os.geteuid() == 0:
        os.setgroups([])
        options.append("allow_other")
    try:
        session = lowlevel.Session(Passthrough(root, effects, power), options)
        session.mount(request["folder"])
    except OSError as problem:
        print(problem.strerror, file=sys.stderr)
        return 1
    threading.Thread(target=_listen, args=(effects, power), daemon=True).start()
    print("mounted", flush=True)
    session.serve(_THREADS)
    return 0


def _power(root: int, request: Mapping[str, Any]) -> Mains:
    """A power that can be cut, if a rule cuts it."""
    like = {rule.get("like", "ext4") for rule in request["rules"] if "forget" in rule}
    if not like:
        return Mains()
    from fleet_stress.faulty_fs.server import lowlevel

    return Power(root, like.pop(), Path(request["figures"] + ".kept"), lowlevel.as_ourselves)


def _listen(effects: Effects, power: Mains) -> None:
    for line in sys.stdin:
        if line.strip() == "off":
            effects.switch_off()
            answer = {"off": True, **_forget(power)}
            with contextlib.suppress(OSError):
                print(json.dumps(answer), flush=True)
    os._exit(0)  # the kernel ends the connection, and waiting callers get an error


def _forget(power: Mains) -> dict[str, Any]:
    """If the power was cut: lose what was not durable. All users of the folder are gone by now."""
    if not isinstance(power, Power) or power.off is None:
        return {}
    try:
        return {"lost": lose(power, power.off)}
    except Exception as problem:
        return {"failed": f"{type(problem).__name__}: {problem}"}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
