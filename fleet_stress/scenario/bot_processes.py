"""Which processes of an arena are the bot's: the one that was started, and all that came of it.

Not the companions, nor what a fault has launched beside the bot, nor the system's tools that we run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import psutil

from fleet_stress import system
from fleet_stress.scenario.confinement import Confinement
from fleet_stress.system import process, tree


class BotProcesses:
    """The living processes of one arena's bot, asked for in two ways."""

    def __init__(self, mark: str, confinement: Confinement, beside: Callable[[], Iterable[int]]) -> None:
        """``beside`` are the pids of what we have started ourselves, and is not the bot's."""
        self._mark, self._confinement, self._beside = mark, confinement, beside
        #: The main process of the newest start.
        self.main: int | None = None
        self._seen: frozenset[psutil.Process] | None = None

    def all(self) -> list[psutil.Process]:
        """All of them, from wherever they hide: our descendants, their control group, and who carries our mark."""
        beside = set(self._beside())
        others = beside | {member.pid for pid in beside for member in tree.of(pid)}
        known = (*process.descendants(), *process.marked(self._mark))
        found = {**self._confinement.bots(), **{member.pid: member for member in known}}
        return [
            member
            for pid, member in found.items()
            if pid not in others and not process.is_tool_of_ours(member)
        ]

    def main_process(self) -> psutil.Process | None:
        """The main process of the newest start, alive or a zombie; None where it is gone."""
        try:
            return psutil.Process(self.main) if self.main else None
        except psutil.NoSuchProcess:
            return None

    def remember(self) -> None:
        """Whoever lives now is known from now on."""
        self._seen = frozenset(self.all())

    def seen(self) -> frozenset[psutil.Process] | None:
        """Those that were remembered last; None: nobody asked for it."""
        return self._seen

    def now(self) -> list[psutil.Process]:
        """Quick enough for some hundred times a second: it does not go through all processes of the host.

        Without a control group these are the tree of the main process, and the trees of those whose parent has ended,
        where the system gives them to us.
        """
        caged = self._confinement.bots()
        if caged:
            return list(caged.values())
        found = {member.pid: member for member in tree.of(self.main)} if self.main else {}
        others = set(self._beside())
        for pid in system.child_pids():
            if pid not in found and pid not in others:
                members = tree.of(pid)
                if members and not process.is_tool_of_ours(members[0]):
                    found.update((member.pid, member) for member in members)
        return list(found.values())
