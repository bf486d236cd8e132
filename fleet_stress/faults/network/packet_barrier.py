"""The packet filter of the host, set up for one arena's bot.

On macOS it matches the bots' user, so a scenario that uses it runs alone on its host.
"""

from __future__ import annotations

from fleet_stress import system
from fleet_stress.faults.protocol import Fault, UndoNeeded, Unsupported
from fleet_stress.faults.site import Site, Where
from fleet_stress.system.network import packet_filter
from fleet_stress.system.network.packet_filter import Destination, PacketFilter
from fleet_stress.system.network.private_network import ready_ports


def of(fault: Fault, how: str) -> PacketFilter:
    """The one for this host; ``how``: ``drop`` or ``reject``. Faults that are active together share nothing of it."""
    site = fault.site
    scope = packet_filter.Scope(
        mark=f"{site.mark}/{fault.id}",
        user=site.user.uid,
        pids=lambda: [process.pid for process in site.running.processes()],
        private_network=site.isolation.network is not None,
        ticket=site.scratch / f"pf-{fault.id}.json",
        arena=site.mark,
        groups=site.next_start.groups,
    )
    return packet_filter.for_host(scope, how)


def undo(fault: Fault, how: str) -> tuple[UndoNeeded, ...]:
    """What must be on disk before it is built."""
    return tuple(UndoNeeded(kind, arguments) for kind, arguments in of(fault, how).undo())


def supported(where: Where, how: str) -> Unsupported | None:
    """Whether there can be one."""
    why_not = packet_filter.unable(how, private=where.network == "private")
    return None if why_not is None else Unsupported(*why_not)


def companions(site: Site) -> list[Destination]:
    """Where the bot's companions listen, when they stand for its hosts in the host's own network."""
    if not system.FILTERS_BY_USER:
        return []
    return [Destination(site.places["outside"], port) for port in ready_ports(site.places)]
