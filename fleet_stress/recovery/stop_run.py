"""Ends the run that holds a host, from outside: SIGTERM first, so that it undoes and reports; then SIGKILL."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import psutil

from fleet_stress.recovery import host_lock
from fleet_stress.store.deadline import wait_until

#: Seconds for a supervisor after SIGTERM: its arenas end their bots and undo meanwhile.
ASKED_WITHIN = 240.0
_KILLED_WITHIN = 30.0
_LOOK = 0.05


class NotEnded(Exception):
    """The run goes on although it was killed, or its process is unknown."""


def end_run(stress_dir: Path, within: float = ASKED_WITHIN) -> dict[str, Any] | None:
    """End the run on this host; returns what it wrote about itself, None: there is none. Raises NotEnded.

    Arenas notice that their supervisor was killed and undo by themselves; ``recover`` waits for them.
    """
    holder = host_lock.run_here(stress_dir)
    if holder is None:
        return None
    for action, patience in (("terminate", within), ("kill", _KILLED_WITHIN)):
        # Of the one who holds it now: psutil compares start times from here on.
        with contextlib.suppress(psutil.NoSuchProcess):
            if (pid := host_lock.pid_of(holder)) is not None:
                getattr(psutil.Process(pid), action)()
        if _gone(stress_dir, holder, patience):
            return holder
    raise NotEnded(f"{host_lock.Busy(holder)} and does not end")


def _gone(stress_dir: Path, holder: dict[str, Any], patience: float) -> bool:
    def gone() -> bool:
        now = host_lock.holder(stress_dir)
        return now is None or now.get("pid") != holder.get("pid")

    return wait_until(gone, patience, _LOOK)
