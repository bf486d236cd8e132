"""``worker_death``: a worker of the bot is killed, and the bot starts another in its place (2E).

A worker is a process that another one of the bot has made of its own program: by fork, as masters do, or by starting
its own interpreter again, as Python's multiprocessing does. So neither is the main process one, nor the bot behind a
shell, ``tini`` or another launcher, nor another program that the bot runs. What a cycle starts and waits for is none
either: a worker was there when the scenario last looked (``look: processes``), and still is.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import psutil

from fleet_stress.faults.protocol import Fault, Proof
from fleet_stress.system import process

#: Python starts them beside workers, to clean up after them.
_TRACKERS = ("multiprocessing.resource_tracker", "multiprocessing.semaphore_tracker")


class WorkerDeath(Fault):
    name = "worker_death"
    title = "a worker of the bot is killed"
    counts_hits = True
    schema = {
        "type": "object",
        "description": "Kill a worker of the bot (SIGKILL): a process that it has made of its own program, and that was"
        " there at the last `look: processes`. That another one is started in its place is a hit.",
        "additionalProperties": False,
        "properties": {},
    }

    def apply(self) -> None:
        """Kill one, where there is one. Raises ValueError where the scenario did not look at processes before."""
        seen = self.site.running.seen()
        if seen is None:
            raise ValueError(
                "nobody knows its workers yet: put `look: processes` some cycles before this fault"
            )
        self._main = self.site.running.main()
        running = self.site.running
        self._before = frozenset([*running.processes(), *running.now()])
        self._killed: psutil.Process | None = None
        self._in_its_place: psutil.Process | None = None
        self._replaced_at: list[float] = []
        self._parent, self._program, self._died_at = 0, "", 0.0
        for worker in self._chosen(_workers(self._before, self._main), seen):
            try:
                self._parent, self._program = worker.ppid(), worker.exe()
                worker.kill()
            except psutil.Error:  # it ended just now
                continue
            self._killed, self._died_at = worker, time.monotonic()
            break

    def _chosen(
        self, workers: Iterable[psutil.Process], seen: frozenset[psutil.Process]
    ) -> list[psutil.Process]:
        """Who is to die, the best first: who replaced the one before, or else who works most."""
        replaced = {
            fault._in_its_place
            for fault in self.site.earlier
            if isinstance(fault, WorkerDeath) and fault._in_its_place
        }
        known = [worker for worker in workers if worker in seen or worker in replaced]
        return sorted(known, key=lambda worker: (worker not in replaced, -_worked(worker), worker.pid))

    def hits(self) -> int:
        """One, once another is there in its place."""
        if self._killed is not None and not (self._in_its_place and process.alive(self._in_its_place)):
            self._in_its_place = next(
                (
                    one
                    for one in self.site.running.now()
                    if one not in self._before and process.alive(one) and self._is_like_it(one)
                ),
                None,
            )
            self._replaced_at = [time.monotonic()] if self._in_its_place else []
        return len(self._replaced_at)

    def _is_like_it(self, one: psutil.Process) -> bool:
        try:
            return bool(one.ppid() == self._parent and one.exe() == self._program)
        except psutil.Error:
            return False

    def cannot_hit(self) -> str | None:
        """Where there was no worker, or the bot has ended without it."""
        why = self._missed().get("why")
        return str(why) if why and (self._killed is None or not self._lives) else None

    @property
    def _lives(self) -> bool:
        return self._main is not None and process.alive(self._main)

    def prove(self) -> Proof:
        """It took effect when a worker was killed, and the one in its place lives."""
        hits = self.hits()
        details = {
            "worker": self._killed.pid if self._killed else None,
            "in_its_place": self._in_its_place.pid if self._in_its_place else None,
            "died_at": self._died_at or None,
            "replaced_at": list(self._replaced_at),
        }
        return Proof(True, details) if hits else Proof(False, {**details, **self._missed()})

    def _missed(self) -> Mapping[str, Any]:
        """Why no other worker was started, and whether this bot has none to be started."""
        nothing: dict[str, Any] = {"nothing_to_hit": True}
        if any(isinstance(fault, WorkerDeath) and fault._replaced_at for fault in self.site.earlier):
            nothing = {}
        if self._killed is None:
            why = (
                "the bot has no worker: no process that it has made of its own program lived on from one cycle to"
                " the next"
            )
            return {"why": why, **nothing}
        if not self._lives:
            return {"why": "the bot ended when its worker was killed: it starts none again", **nothing}
        return {"why": "the bot went on without the worker that was killed, and started none in its place"}


def _workers(members: Iterable[psutil.Process], main: psutil.Process | None) -> list[psutil.Process]:
    """Those of the bot's processes that are workers and have none themselves."""
    programs = {member.pid: program for member in members if (program := _program(member))}
    parents: dict[psutil.Process, int] = {}
    for member in members:
        try:
            parent, told = member.ppid(), " ".join(member.cmdline())
        except psutil.Error:
            continue
        program = programs.get(member.pid, "")
        if member == main or not program or program != programs.get(parent) or not process.alive(member):
            continue
        # What a shell starts is the bot itself, or a part of a script: no worker.
        if program.rpartition("/")[2] in process.SHELLS or any(tracker in told for tracker in _TRACKERS):
            continue
        parents[member] = parent
    masters = set(parents.values())
    return [worker for worker in parents if worker.pid not in masters]


def _program(member: psutil.Process) -> str:
    try:
        return str(member.exe())
    except psutil.Error:
        return ""


def _worked(worker: psutil.Process) -> float:
    try:
        times = worker.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
