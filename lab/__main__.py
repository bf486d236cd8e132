"""``make lab HOSTS=10`` and ``make lab-down``: the lab of this checkout, in ``.lab/``, for a person to use."""

from __future__ import annotations

import os
import shutil
import sys

from lab import groups, needs, record
from lab.hosts import LabFailed
from lab.lab import MOST, ROOT, Lab

PLACE = record.Folder(ROOT / ".lab")
INVENTORY = ROOT / "inventory/lab.yml"
_USAGE = "make lab HOSTS=10 MACS=1, make lab-down"


def up(wanted: str, macs: str = "0") -> str:
    """Bring up as many hosts, and as many that play a Mac; returns what to print."""
    if not (macs.isascii() and macs.isdigit() and int(macs) <= MOST // 2):
        raise LabFailed(f"MACS is a number from 0 to {MOST // 2}, not `{macs}`: {_USAGE}")
    if not (wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= MOST):
        raise LabFailed(f"HOSTS is a number from 1 to {MOST}, not `{wanted}`: {_USAGE}")
    there = _there()
    if there is not None:
        return (
            f"The lab is up already, {_listed(there)}, -i {os.path.relpath(INVENTORY)}; "
            "another one after `make lab-down`."
        )
    lacking = needs.missing()
    if lacking:
        raise LabFailed("a lab cannot be had here:\n" + "\n".join(f"   {item}" for item in lacking))
    lab = Lab.up(PLACE.path, int(wanted), macs=int(macs), detached=True)
    INVENTORY.write_text(lab.inventory.read_text("utf-8"), "utf-8")
    command = f"make stress ARGS='-i {os.path.relpath(INVENTORY)}'"
    return f"The lab is up: {_listed(lab)}. Now: {command}; make lab-down ends it."


def down() -> str:
    """End the lab, and remove what one that died left behind; returns what to print."""
    there = _there()
    if there is not None:
        there.down()
    dead = groups.remove_dead() if sys.platform == "linux" else []
    INVENTORY.unlink(missing_ok=True)
    found = PLACE.lock.exists()
    if found:
        shutil.rmtree(PLACE.path)
    return "The lab is gone." if found or dead else "There is no lab."


def _there() -> Lab | None:
    found = record.read(PLACE)
    return Lab(PLACE) if found is not None and record.alive(found["keeper"]) else None


def _listed(lab: Lab) -> str:
    return lab.hosts[0] if len(lab.hosts) == 1 else f"{lab.hosts[0]} to {lab.hosts[-1]}"


def main() -> None:
    """Do what make asks for."""
    try:
        match sys.argv[1:]:
            case ["up", wanted, macs]:
                said = up(wanted, macs)
            case ["down"]:
                said = down()
            case _:
                raise LabFailed(f"not understood; write one of: {_USAGE}")
    except LabFailed as problem:
        sys.exit(f"fleet-stress: {problem}")
    print(said)


if __name__ == "__main__":
    main()
