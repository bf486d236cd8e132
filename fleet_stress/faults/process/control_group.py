"""What faults share that put the bot into one control group of their own: whether it can be had, its undo, its end."""

from __future__ import annotations

from fleet_stress.faults.protocol import Site, UndoNeeded, Unsupported
from fleet_stress.system import cgroups


def supported(controller: str, of: str) -> Unsupported | None:
    """Where a group for a controller (``cpu``, ``memory``) can be made; ``of`` is what it limits, for people."""
    if cgroups.plan("any", (controller,)):
        return None
    return Unsupported(
        f"no control group for {of} can be made here",
        f"run as root (stress_become: true) on Linux with a {controller} controller that may be written: cgroup v1, or"
        f" v2 with `{controller}` in the cgroup.subtree_control of its root",
    )


def group(site: Site, controller: str) -> cgroups.Group:
    """The one that the arena's bot is to be in; nothing is made yet. Raises OSError: there can be none."""
    for found in _possible(site, controller):
        return found
    raise OSError(f"no control group for {controller} can be made here")


def undo(site: Site, controller: str) -> tuple[UndoNeeded, ...]:
    """Before it is made: how it is removed."""
    return tuple(UndoNeeded("remove_cgroup", {"path": str(one.path)}) for one in _possible(site, controller))


def end(site: Site, group: cgroups.Group) -> None:
    """Starts are not born in it any more; who is in it goes on where we are ourselves; and it is removed."""
    if group in site.groups:
        site.groups.remove(group)
    cgroups.leave(group)


def _possible(site: Site, controller: str) -> list[cgroups.Group]:
    return cgroups.plan(f"{site.mark}/{controller}", (controller,))
