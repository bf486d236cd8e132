"""What an arena's bots cannot get out of, or have more of: control groups, processes. Nothing of them outlives it.

As root on Linux there is a cage (``system.cage``). Elsewhere the processes of a bot are found by whose children they
are, and by our mark; and once no arena runs, by their user (``system.bots_user``).
"""

from __future__ import annotations

import os
from typing import Any

import psutil

from fleet_stress import system
from fleet_stress.observe.evidence import Evidence
from fleet_stress.recovery.undo import Undo
from fleet_stress.system import bots_user, cgroups, children, process
from fleet_stress.system.cage import BESIDE, BOT, Cage, most_processes


class Confinement:
    """Of one arena; from ``begin`` on, all that it starts as the bots' user is in it."""

    def __init__(self, mark: str, user: process.User, evidence: Evidence, arenas: int) -> None:
        """``arenas``: how many there are at once, at most."""
        self._cage = Cage(mark) if os.geteuid() == 0 else None
        self._user, self._evidence = user, evidence
        self._most = most_processes(arenas)
        self._collector = children.Collector()

    def record(self, undo: Undo) -> None:
        """Put on disk how to end it; before ``begin``."""
        for path in self._cage.paths() if self._cage else ():
            undo.record("end_cgroup", path=str(path))

    def begin(self) -> None:
        """Make it. Where no group can be made, there is none, and the evidence says so."""
        system.adopt_orphans()
        self._collector.start()
        limit: dict[str, Any] = self._evidence.document["processes"]
        try:
            if self._cage:
                self._cage.make(self._most)
                process.confine(self._cage.doors(BESIDE))
                self._cage.try_doors()
        except OSError as problem:
            self._evidence.note(f"the bot's processes have no control group of their own: {problem}")
            process.confine([])
            self._cage = None
        if self._cage and self._cage.limit:
            limit.update(limit=self._cage.limit, by="pids.max")
        elif bots_user.has_bots_only(self._user):  # the limit counts all of a user, whatever else runs as it
            process.limit_processes(self._most)
            limit.update(limit=self._most, by="RLIMIT_NPROC")

    def bots(self) -> dict[int, psutil.Process]:
        """The bot's processes in its group, by pid; who ends at once may be left out."""
        return process.handles_of(self._cage.bots()) if self._cage else {}

    def somebody_left(self) -> bool:
        """Whether somebody is in the bot's group: also one that ends and starts itself anew all the time."""
        return bool(self._cage and self._cage.bots())

    def end_bots(self) -> None:
        """End all in the bot's group; what runs beside it goes on. Raises OSError."""
        if self._cage:
            self._cage.end_bots()

    def groups_of_start(self, next_start: list[cgroups.Group], *, beside: bool) -> list[cgroups.Group]:
        """The control groups that a start of the bot enters; one ``beside`` it is not to be ended with it.

        Args:
            next_start: Those that faults have put the bot into.
            beside: It is another instance, which a fault starts.
        """
        if self._cage is None or self._cage.path is None:
            return next_start
        if beside:
            return [group for group in next_start if self._cage.path not in group.path.parents]
        return [cgroups.Group("", 0, self._cage.path / BOT), *next_start]

    def over(self) -> None:
        """The bots have been ended: write down whether their limit was reached; nothing more is confined."""
        process.confine([])
        reached = self._cage.refused() if self._cage and self._cage.limit else None
        self._evidence.document["processes"]["reached"] = reached
        if reached and self._cage:
            limit = f"our limit of {self._cage.limit} processes and threads"
            self._evidence.note(f"{limit} kept the bot {reached} times from starting one more")

    def end(self) -> None:
        """Its groups have been ended; let go of the last orphans."""
        self._collector.end()
        children.collect_orphans()
