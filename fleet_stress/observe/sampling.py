"""Samples a running bot: memory, handles, threads, CPU time. Trends are judged later."""

from __future__ import annotations

import time
from typing import Any

import psutil

from fleet_stress import system
from fleet_stress.observe.evidence import Evidence

#: Beyond this, every second sample is dropped and the interval doubles, so a day fits on a page.
SAMPLE_LIMIT = 4000
_HOST_TIMES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


class Sampling:
    """Takes samples of one bot and its children, at most one every ``every`` seconds."""

    def __init__(self, evidence: Evidence, every: float) -> None:
        self._evidence, self._every = evidence, every
        self._next = time.monotonic()

    def look(self, start: dict[str, Any], cycles: int) -> None:
        """Take a sample if it is time; ``start`` is the running start's entry in the evidence."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = max(self._next + self._every, now)
        seen = _seen(start["pid"])
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


def _seen(pid: int) -> dict[str, Any] | None:
    """Sums over a process and its descendants; None: it is gone.

    ``rss`` in bytes; ``private`` is what no file backs (Linux: RssAnon; macOS: phys_footprint) or null.
    """
    total = {"rss": 0, "private": 0, "handles": 0, "threads": 0, "cpu": 0.0}
    private_known = True
    try:
        main = psutil.Process(pid)
        for process in (main, *main.children(recursive=True)):
            with process.oneshot():
                memory, times = process.memory_info(), process.cpu_times()
                total["rss"] += memory.rss
                total["handles"] += process.num_fds()
                total["threads"] += process.num_threads()
                total["cpu"] += times.user + times.system
            private = system.private_memory(process.pid)
            private_known = private_known and private is not None
            total["private"] += private or 0
    except psutil.Error:
        return None
    total["cpu"] = round(total["cpu"], 3)
    return {**total, "private": total["private"] if private_known else None}
