"""What a lab's folder holds, and its record ``lab.json``: who its keeper is, and what hosts it has.

Its keeper writes it; whoever does something to the lab reads it. Nothing but the standard library, and little of
that: each ssh connection reads it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from lab import kernel


class Folder:
    """The names in a lab's folder. ``disks`` is empty for all but the keeper, who mounts the hosts' disks there."""

    def __init__(self, path: Path) -> None:
        # Its places are looked up below a host's root too, where a relative path would count from elsewhere.
        path = self.path = path.resolve()
        self.record = path / "lab.json"
        self.log = path / "keeper.log"
        self.lock = path / "lock"
        self.orders = path / "orders"
        self.key = path / "key"
        self.known_hosts = path / "known_hosts"
        self.disks = path / "disks"
        self.inventory = path / "inventory.yml"
        self.clock = path / "clock.so"
        self.ours = {
            *(self.record, self.record.with_suffix(".new"), self.log, self.lock, self.orders, self.key),
            *(self.key.with_suffix(".pub"), self.known_hosts, self.disks, self.inventory, self.clock),
        }


def write(folder: Folder, document: dict[str, Any]) -> None:
    """Replace the record, in one go."""
    fresh = folder.record.with_suffix(".new")
    fresh.write_text(json.dumps(document, indent=1), "utf-8")
    fresh.replace(folder.record)


def read(folder: Folder) -> dict[str, Any] | None:
    """The record of a lab, alive or dead; None where there is none."""
    try:
        found: dict[str, Any] = json.loads(folder.record.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return found


def alive(who: dict[str, Any]) -> bool:
    """Whether the process that a record speaks of (``pid``, ``started``) still runs."""
    return bool(kernel.started(who["pid"]) == who["started"])


def me() -> dict[str, Any]:
    """The calling process, for a record."""
    return {"pid": os.getpid(), "started": kernel.started(os.getpid())}
