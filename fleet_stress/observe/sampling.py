"""Samples a running bot: memory, handles, threads, CPU time. Trends are judged later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import psutil

from fleet_stress import system
from fleet_stress.observe.evidence import Evidence

#: Beyond this, every second sample is dropped and the interval doubles, so a day fits on a page.
SAMPLE_LIMIT = 4000
_HOST_TIMES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


class Sampling:
    """Takes samples of one bot, all its processes together, at most one every ``every`` seconds."""

    def __init__(
        self, evidence: Evidence, every: float, members: Callable[[], Iterable[psutil.Process]]
    ) -> None:
        """``members`` are the bot's processes."""
        self._evidence, self._every, self._members = evidence, every, members
        self._next = time.monotonic()

    def look(self, start: dict[str, Any], cycles: int) -> None:
        """Take a sample if it is time; ``start`` is the running start's entry in the evidence."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = max(self._next + self._every, now)
        seen = _seen(self._members())
        if seen is None:
            return
        samples = self._evidence.document["samples"]
        when = {"start": start["n"], "at": self._evidence.now(), "cycles": cycles}
        samples.append({**when, **seen, **_host()})
        if len(samples) > SAMPLE_LIMIT:
            del samples[1::2]
            self._every *= 2


def _host() -> dict[str, float]:
    """The host's processor seconds since boot, and those of them that were idle.

    They tell a check a slow bot from a busy host.
    """
    times = psutil.cpu_times()
    # guest time is part of user time (proc_stat(5))
    whole = sum(getattr(times, word, 0.0) for word in _HOST_TIMES)
    return {"host_time": round(whole, 2), "host_idle": round(times.idle, 2)}


def _seen(members: Iterable[psutil.Process]) -> dict[str, Any] | None:
    """Sums over the bot's processes; None: there is none left.

    ``rss`` in bytes; ``private`` is what no file backs (Linux: RssAnon; macOS: phys_footprint) or null. ``cpu`` counts
    those as well that ended before, where somebody of the bot has waited for them (times(2)).
    """
    total = {"rss": 0, "private": 0, "handles": 0, "threads": 0, "processes": 0, "cpu": 0.0}
    private_known = True
    for process in members:
        try:
            with process.oneshot():
                memory, times = process.memory_info(), process.cpu_times()
                handles, threads = process.num_fds(), process.num_threads()
            private = system.private_memory(process.pid)
        except psutil.Error:  # it ended just now, and the others are seen all the same
            continue
        total["rss"] += memory.rss
        total["handles"] += handles
        total["threads"] += threads
        total["processes"] += 1
        total["cpu"] += times.user + times.system
        total["cpu"] += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        private_known = private_known and private is not None
        total["private"] += private or 0
    if not total["processes"]:
        return None
    total["cpu"] = round(total["cpu"], 3)
    return {**total, "private": total["private"] if private_known else None}
