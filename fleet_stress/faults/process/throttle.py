"""``throttle``: the bot gets what others leave over (row 1.5 C).

The running bot, its threads and its children at niceness 19 and in the idle I/O class, as the stress plan's
``nice -n 19 ionice -c 3`` has it. That alone slows nothing on an idle host, so a limit of a control group may be
asked for as well; where none can be had, the proof says so.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from fleet_stress import system
from fleet_stress.faults.process import control_group, measured_need
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded
from fleet_stress.system import cgroups


class Throttle(Fault):
    name = "throttle"
    title = "the bot has minimal priority"
    schema = {
        "type": "object",
        "description": "Give the running bot minimal processor and I/O priority.",
        "additionalProperties": False,
        "properties": {
            "cpu": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1,
                "description": "The largest share of one processor, where control groups allow a limit.",
            },
            "io_bytes": {
                "type": "integer",
                "minimum": 4096,
                "description": "The most bytes a second to and from the disk, where control groups allow a limit.",
            },
            "of_need": measured_need.OF_NEED,
            "measured_for": measured_need.MEASURED,
        },
    }

    def undo(self) -> tuple[UndoNeeded, ...]:
        """The groups that may be made. Priorities go with their processes."""
        return control_group.removal(self._possible())

    def apply(self) -> None:
        """Slow down each process of the bot; keep what was before."""
        need = measured_need.measured(self.site.running.processes, self.arguments)
        self._need = need
        limits: dict[str, str] = {}
        made: list[cgroups.Group] = []
        for group in self._possible():
            try:
                disk = Path(self.site.places["state_dir"])
                cpu = measured_need.share(need and need.processor, self.arguments.get("cpu"), self.arguments)
                io = measured_need.share(
                    need and need.io_bytes, self.arguments.get("io_bytes"), self.arguments
                )
                whole = None if io is None else int(io)
                limits[group.controller] = cgroups.make(group, cpu=cpu, io=whole, disk=disk)
                made.append(group)
            except OSError as problem:
                limits[group.controller] = f"not to be had: {problem}"
        for word in _asked(self.arguments):
            limits.setdefault(word, "not to be had: no control group for it can be made here")
        before: dict[int, system.Priority] = {}
        # Who is started while we go over them comes from one that is not slowed down yet: until all are.
        for _ in range(10):
            fresh = [process for process in self.site.running.processes() if not _slowed(process.pid)]
            if not fresh:
                break
            for process in fresh:
                before |= {thread.thread: thread for thread in system.priorities(process.pid)}
                system.slow_down(process.pid)
        pids = [process.pid for process in self.site.running.processes()]
        for group in made:
            for pid in pids:  # a shell's `sleep` has ended before it is put anywhere
                with contextlib.suppress(ProcessLookupError):
                    cgroups.add(group, pid)
        self._before = before
        self._limits = limits
        self._groups = made
        self._read_back = _highest(pids)
        self._clock = time.monotonic()
        self._cpu = dict(_cpu_times(pids))

    def prove(self) -> Proof:
        """It took effect when the kernel confirmed the priorities, and nobody of the bot has another one now."""
        pids = [process.pid for process in self.site.running.processes()]
        now = _highest(pids)
        slowed = bool(self._read_back) and all(_least(priority) for priority in (*self._read_back, *now))
        wall = time.monotonic() - self._clock
        cpu = sum(value - self._cpu.get(pid, 0.0) for pid, value in _cpu_times(pids))
        details: dict[str, Any] = {
            "read_back": self._read_back,
            "at_the_end": now,
            "limits": self._limits,
            "need": None if self._need is None else self._need._asdict(),
            "seconds": round(wall, 3),
            # No process is left: the samples of the scenario, if any, have it.
            "cpu_share": round(cpu / wall, 4) if pids and wall > 0 else None,
            "throttled": {group.controller: cgroups.throttled(group) for group in self._groups},
        }
        if not self._read_back:
            details["why"] = "no process of the bot ran when it was to be slowed down"
        return Proof(slowed, details)

    def revert(self) -> Mapping[str, Any]:
        """Give the priorities back. Only root may: another user's bot keeps its niceness until it ends."""
        before: dict[int, system.Priority] = self._before
        usual = next(iter(before.values()), None)
        given_back = True
        for thread in [
            thread for process in self.site.running.processes() for thread in system.priorities(process.pid)
        ]:
            # Whoever was started since has it from one that was slowed down.
            usual_of_it = before.get(thread.thread) or (usual and usual._replace(thread=thread.thread))
            given_back &= usual_of_it is not None and system.set_priority(usual_of_it)
        for group in self._groups:
            cgroups.remove(group.path)
        now = _highest([process.pid for process in self.site.running.processes()])
        return {"given_back": given_back, "priorities": now}

    def _possible(self) -> list[cgroups.Group]:
        return cgroups.plan(self.site.mark, tuple(_asked(self.arguments)), arena=self.site.mark)


def _asked(arguments: Mapping[str, Any]) -> Iterator[str]:
    for argument, controller in (("cpu", "cpu"), ("io_bytes", "io")):
        if argument in arguments:
            yield controller


def _slowed(pid: int) -> bool:
    return all(thread.nice == 19 and thread.io_idle is not False for thread in system.priorities(pid))


def _highest(pids: list[int]) -> list[dict[str, Any]]:
    """What the kernel says of each: the highest priority among its threads."""
    found = []
    for pid in pids:
        threads = system.priorities(pid)
        if threads:
            idle = None if threads[0].io is None else all(thread.io_idle for thread in threads)
            found.append({"pid": pid, "nice": min(thread.nice for thread in threads), "io_idle": idle})
    return found


def _least(priority: Mapping[str, Any]) -> bool:
    return bool(priority["nice"] == 19 and priority["io_idle"] is not False)


def _cpu_times(pids: list[int]) -> Iterator[tuple[int, float]]:
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            continue
        yield pid, times.user + times.system
