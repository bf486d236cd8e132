"""Linux: a program of ours that the system looks after: a transient unit, where systemd runs (systemd-run(1))."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fleet_stress.system.programs import run

__all__ = ["end_service", "start_service"]


def has_service_manager() -> bool:
    """Whether systemd is the init that runs here (sd_booted(3))."""
    return Path("/run/systemd/system").is_dir()


def start_service(argv: Sequence[str], name: str, record: Path, log: Path) -> bool:
    """Have the system run a program, out of the session that brought us here, and start it again when it is killed.

    False: the system does that for nobody here, or not for us; nothing was started.

    Args:
        argv: Its command line, the program by its absolute path.
        name: Tells it from others of ours.
        record: Where a system that keeps its services until they are taken away has it written down how to.
            systemd does not: what has ended is collected, and nothing is left of it.
        log: Where it says what it has to say; systemd keeps that in its own.
    """
    del record, log
    if os.geteuid() != 0 or not has_service_manager():
        return False
    unit = f"fleet-stress-{name}-{os.getpid()}".replace(".", "-")
    about = ("--collect", "--quiet", "--property=Type=exec", "--property=Restart=on-failure")
    return run(["systemd-run", f"--unit={unit}", *about, *argv]).code == 0


def end_service(record: Path) -> None:
    """Take a service away: nothing is left of one that has ended."""
    del record
