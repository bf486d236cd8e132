"""What faults share that start the bot a second time, beside the one that runs."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

from fleet_stress.faults.site import Site
from fleet_stress.observe import file_content
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.store.contract import ends_within
from fleet_stress.system import process, signals, tree


def forced_by(bot: Mapping[str, Any]) -> dict[str, str] | None:
    """The variables with which a second instance runs though it would refuse; none needed where none refuses.

    None: it refuses, and nothing forces it, as far as its profile says.
    """
    refuses = bot.get("second_instance")
    if refuses is None:
        return {}
    return dict(refuses["forced_by"]) or None


def caught_writing(started: subprocess.Popen[bytes], folder: Path, tracked: Iterable[Tracked]) -> list[str]:
    """Stop it with all that it has started, look what they have open for writing below a folder, and let them go on."""
    held = tree.hold(lambda: tree.of(started.pid))
    opened = tree.open_for_writing(held, folder)
    found = file_content.being_written(opened, folder, [member.pid for member in held], tracked)
    tree.let_go(held)
    return found


def end(started: subprocess.Popen[bytes], site: Site, mark: str) -> dict[str, Any]:
    """End it and what is of its making: by SIGTERM, and SIGKILL when it does not end.

    SIGTERM goes where the bot's profile sends it. One that no signal stops (``stopped_by``) is not asked: what stops
    the first one would be sent to it. ``mark`` is in the environment of all that it has started.
    """
    kin = process.descendants(started.pid)
    by, asked_at = "itself", time.monotonic()
    if started.poll() is None and site.bot.get("stopped_by"):
        by = "unasked"
        started.kill()
        started.wait()
    elif started.poll() is None:
        by = "signal"
        to = signals.addressees("TERM", site.bot.get("signals_to", "main"))
        signals.send("TERM", to, psutil.Process(started.pid), lambda: tree.of(started.pid))
        try:
            started.wait(ends_within(site.bot))
        except subprocess.TimeoutExpired:
            by = "engine"
            started.kill()
            started.wait()
    process.end_all([*kin, *process.marked(mark)])
    return {
        "exit": {"code": started.returncode, "by": by, "after": round(time.monotonic() - asked_at, 3)},
        "running": started.poll() is None,
    }
