"""What faults share that put the bot into one control group of their own: whether it can be had, its undo, its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from fleet_stress.faults.protocol import Fault, UndoNeeded, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system import cgroups


class InControlGroup(Fault):
    """A limit on the bot by one controller; ``_enter`` has made the group that it applies to."""

    slows = True
    #: ``cpu``, ``memory``; and what it limits, for people.
    controller: ClassVar[str]
    limits: ClassVar[str]

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Where a group with the controller can be made."""
        if cgroups.plan("any", (cls.controller,)):
            return None
        return Unsupported(
            f"no control group for {cls.limits} can be made here",
            f"run as root (stress_become: true) on Linux with a {cls.controller} controller that may be written:"
            f" cgroup v1, or v2 with `{cls.controller}` in the cgroup.subtree_control of its root",
        )

    def undo(self) -> tuple[UndoNeeded, ...]:
        return removal(self._possible())

    def _possible(self) -> list[cgroups.Group]:
        return cgroups.plan(f"{self.site.mark}/{self.controller}", (self.controller,), arena=self.site.mark)

    def _group_to_make(self) -> cgroups.Group:
        """The group that the arena's bot is to be in; nothing is made yet. Raises OSError: there can be none."""
        for group in self._possible():
            return group
        raise OSError(f"no control group for {self.controller} can be made here")

    def _enter(self, group: cgroups.Group) -> None:
        """Starts are born in it from now on."""
        self._group = group
        self.site.next_start.groups.append(group)

    def revert(self) -> Mapping[str, Any]:
        """Starts are not born in it any more; who is in it goes on where we are ourselves; and it is removed."""
        if self._group in self.site.next_start.groups:
            self.site.next_start.groups.remove(self._group)
        cgroups.leave(self._group)
        return {}


def removal(groups: Iterable[cgroups.Group]) -> tuple[UndoNeeded, ...]:
    """Before groups are made: how they are removed."""
    return tuple(UndoNeeded("remove_cgroup", {"path": str(group.path)}) for group in groups)
