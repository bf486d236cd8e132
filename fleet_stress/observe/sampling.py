"""Samples a running bot: memory, handles, threads, processor time, the size of its folders. Trends are judged later.

It must not disturb what it measures. So it counts what it costs itself, and takes fewer samples of a bot that is dear
to look at (of much memory, with many processes or files) rather than use more than its share of a processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from fleet_stress import system
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.sample_file import SampleFile
from fleet_stress.store.bare_python.no_links import opened_folder
from fleet_stress.store.bare_python.tree_walk import walk

#: The largest share of one processor that looks at processes, at their memory page by page, and at folders may use.
PROCESSES_SHARE, PAGES_SHARE, FOLDERS_SHARE = 0.002, 0.002, 0.001
#: A sample every second is cheap, and a scenario of some seconds may want more: seconds from which a share counts.
_CHEAP = 1.0
#: Of what a look costs on average, how much the newest one counts: one that was interrupted tells little.
_NEWEST = 0.2
_HOST_TIMES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


class _Budget:
    """When something may be looked at again that costs processor time."""

    def __init__(self, share: float) -> None:
        self._share, self._typical, self._next = share, 0.0, 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._next

    def spent(self, cost: float) -> float:
        """A look has cost so many seconds of a processor; returns those until the next one, 0 where it is cheap."""
        self._typical = _NEWEST * cost + (1 - _NEWEST) * (self._typical or cost)
        needed = self._typical / self._share
        pause = 0.0 if needed <= _CHEAP else needed
        self._next = time.monotonic() + pause
        return pause


class Sampling:
    """Takes samples of one bot in all its starts, all its processes together, at most one every ``every`` seconds."""

    def __init__(
        self,
        evidence: Evidence,
        every: float,
        members: Callable[[], Iterable[psutil.Process]],
        folders: Callable[[], Mapping[str, Path]] = dict,
    ) -> None:
        """``members``: the bot's processes; ``folders``: where its ``state`` and ``log`` are now. Raises OSError."""
        self._evidence, self._every, self._members, self._folders = evidence, every, members, folders
        self._file = SampleFile(evidence.folder)
        self._next = time.monotonic()
        self._processes, self._pages = _Budget(PROCESSES_SHARE), _Budget(PAGES_SHARE)
        self._walks = _Budget(FOLDERS_SHARE)
        self._cost: dict[str, Any] = {
            "samples": 0,
            "cpu": 0.0,
            "every": every,
            "host_memory": system.memory_of_host(),
        }
        evidence.document["sampler"] = self._cost

    def every(self, seconds: float) -> None:
        """From now on so often."""
        self._every = self._cost["every"] = seconds
        self._next = min(self._next, time.monotonic() + seconds)

    @property
    def taken(self) -> int:
        """How many samples, of all starts."""
        return int(self._cost["samples"])

    def begin_start(self) -> None:
        """A start begins: its first sample is due at once."""
        self._next = time.monotonic()

    def look(self, start: dict[str, Any], cycles: int) -> None:
        """Take a sample if it is time; ``start`` is the running start's entry in the evidence. Raises OSError."""
        now = time.monotonic()
        if now < self._next:
            return
        began = time.thread_time()
        seen = _seen(self._members())
        if seen is None:
            self._next = now + self._every
            return
        when = {
            "start": start["n"],
            "at": self._evidence.now(),
            "wall": round(time.time(), 3),
            "cycles": cycles,
        }
        looked = time.thread_time()
        dear = {**self._by_page(seen.pop("pids")), **self._sizes()}
        dear_cost = time.thread_time() - looked
        if self._file.append({**when, **seen, **dear, **_host()}):
            self._every *= 2
        cost = time.thread_time() - began
        self._cost.update(samples=self._cost["samples"] + 1, cpu=round(self._cost["cpu"] + cost, 6))
        pause = self._processes.spent(cost - dear_cost)
        self._next = max(self._next + max(self._every, pause), now)

    def _by_page(self, pids: list[int]) -> dict[str, int | None]:
        """Memory as only a walk through all pages tells it; nothing where it is too early for another one."""
        if not self._pages.is_due:
            return {}
        began = time.thread_time()
        found = [system.pages_of(pid) for pid in pids]
        self._pages.spent(time.thread_time() - began)
        return _sums(system.Pages._fields, found)

    def _sizes(self) -> dict[str, int | None]:
        """``state_bytes``, ``state_files`` and the same of logs; nothing where it is too early for another walk."""
        if not self._walks.is_due:
            return {}
        began = time.thread_time()
        found: dict[str, int | None] = {}
        for name, folder in self._folders().items():
            size = _size(folder)
            if size is not None:
                found[f"{name}_bytes"], found[f"{name}_files"] = size
        self._walks.spent(time.thread_time() - began)
        return found


def _size(folder: Path) -> tuple[int, int] | None:
    """Bytes and number of the files below a folder; None: it cannot be looked at."""
    try:
        with opened_folder(folder) as top:
            sizes = [found.status.st_size for found in walk(top) if not found.entered]
    except OSError:
        return None
    return sum(sizes), len(sizes)


def _host() -> dict[str, float]:
    """The host's processor seconds since boot, and those of them that were idle.

    They tell a check a slow bot from a busy host.
    """
    times = psutil.cpu_times()
    # guest time is part of user time (proc_stat(5))
    whole = sum(getattr(times, word, 0.0) for word in _HOST_TIMES)
    return {"host_time": round(whole, 2), "host_idle": round(times.idle, 2)}


def _seen(members: Iterable[psutil.Process]) -> dict[str, Any] | None:
    """Sums over the bot's processes (``store/sample_lines.py`` says of what), and their ``pids``; None: none is left.

    ``cpu`` counts those as well that ended before, where somebody of the bot has waited for them (times(2)).
    """
    counts, cpu = {"handles": 0, "threads": 0, "processes": 0}, 0.0
    memory: list[system.Memory] = []
    pids: list[int] = []
    for process in members:
        try:
            with process.oneshot():
                times, handles, threads = process.cpu_times(), process.num_fds(), process.num_threads()
            of_it = system.memory_of(process.pid)
        except psutil.Error:  # it ended just now, and the others are seen all the same
            continue
        if of_it is None:
            continue
        memory.append(of_it)
        pids.append(process.pid)
        counts["handles"] += handles
        counts["threads"] += threads
        counts["processes"] += 1
        cpu += times.user + times.system
        cpu += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    if not memory:
        return None
    return {**_sums(system.Memory._fields, memory), **counts, "cpu": round(cpu, 3), "pids": pids}


def _sums(words: Sequence[str], each: Sequence[tuple[int | None, ...]]) -> dict[str, int | None]:
    """What is unknown of one process is unknown of all."""
    found: dict[str, int | None] = {}
    for word, values in zip(words, zip(*each)):
        known = [value for value in values if value is not None]
        found[word] = sum(known) if len(known) == len(values) else None
    return found
