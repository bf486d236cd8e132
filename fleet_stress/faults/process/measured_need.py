"""What a running bot uses of the processor and of the disk: by that a limit is sized, whatever the bot is.

A constant is no stress for one bot and the end of another. What is measured is the bot at its own pace, over some
cycles, on this host.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Callable, NamedTuple

import psutil

#: By default; a scenario says a time that holds some cycles. Seconds.
MEASURED_FOR = 1.0

OF_NEED: Mapping[str, Any] = {
    "type": "number",
    "exclusiveMinimum": 0,
    "maximum": 1,
    "description": "Limit it to this share of what it is measured to use; the fixed limit is then the least.",
}
MEASURED: Mapping[str, Any] = {
    "type": "number",
    "exclusiveMinimum": 0,
    "unit": "s",
    "description": "How long its need is measured, some cycles; one second by default.",
}


class Need(NamedTuple):
    """What all processes of the bot used together."""

    #: Of one processor.
    processor: float
    #: Read from and written to disks, per second.
    io_bytes: float


def measured(processes: Callable[[], Iterable[psutil.Process]], arguments: Mapping[str, Any]) -> Need | None:
    """What the bot uses, where ``of_need`` asks for it; it takes ``measured_for`` seconds."""
    if "of_need" not in arguments:
        return None
    before, began = _used(processes()), time.monotonic()
    time.sleep(float(arguments.get("measured_for", MEASURED_FOR)))
    after, passed = _used(processes()), time.monotonic() - began
    spent = [max(0.0, used[0] - before.get(pid, (0.0, 0.0))[0]) / passed for pid, used in after.items()]
    moved = [max(0.0, used[1] - before.get(pid, (0.0, 0.0))[1]) / passed for pid, used in after.items()]
    return Need(round(sum(spent), 4), round(sum(moved), 1))


def share(need: float | None, least: float | None, arguments: Mapping[str, Any]) -> float | None:
    """The limit: the asked-for share of a need, at least ``least``; None where nothing is to be limited."""
    if least is None:
        return None
    return max(least, float(arguments["of_need"]) * need) if need is not None else least


def seconds_used(processes: Iterable[psutil.Process]) -> float:
    """What these processes have used of processors since they were started, ended children included. Seconds."""
    return sum(seconds for seconds, _ in _used(processes).values())


def _used(processes: Iterable[psutil.Process]) -> dict[int, tuple[float, float]]:
    """Seconds of processors, of ended children too, and bytes of disks, by pid."""
    found = {}
    for process in processes:
        try:
            with process.oneshot():
                times = process.cpu_times()
                seconds = times.user + times.system + times.children_user + times.children_system
                try:
                    counters = process.io_counters()
                    moved = float(counters.read_bytes + counters.write_bytes)
                except (psutil.Error, AttributeError, NotImplementedError):  # macOS counts none
                    moved = 0.0
        except psutil.Error:
            continue
        found[process.pid] = (seconds, moved)
    return found
