"""``network_cut``: the cable is pulled (4.3, unattended). Never the host's own.

In a network of the arena's own the outside's end of the link goes down, so the bot's own link stays up and loses its
carrier, as with a cable; nothing needs undoing: the network goes with the arena's last process. Where there are no
such networks (macOS), all that the bots' user sends by TCP and UDP is dropped on its way out, but for loopback, of
which only the companions are cut off: they stand for the outside. The bot's link then keeps its carrier.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress import system
from fleet_stress.faults.network import packet_barrier, reachability
from fleet_stress.faults.protocol import Fault, Proof, Site, UndoNeeded, Unsupported, Where
from fleet_stress.system.network.packet_filter import Destination

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "The link of the arena's own network goes down.",
    "properties": {},
}


def _supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    if where.network == "private":
        return None  # whether there can be one was asked before
    if where.network == "by_user":
        return packet_barrier.supported(where, "drop")
    return Unsupported("cutting the host's own network would cut our line to it", "say `network: private`")


def _undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    return packet_barrier.undo(site, "drop") if system.FILTERS_BY_USER else ()


def _apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    if system.FILTERS_BY_USER:
        return _apply_by_user(site)
    network = _network(site)
    wanted = reachability.targets(site, network.hosts or {"": [network.first_host]})
    before = reachability.reach(site, wanted)
    network.cut()
    return {"before": before, "worked": reachability.reached(before, wanted)}


def _apply_by_user(site: Site) -> Mapping[str, Any]:
    beside = packet_barrier.companions(site)
    wanted = reachability.targets(site, reachability.resolved(site.bot["hosts"]))
    wanted += [(one.address, one.port) for one in beside if one.address and one.port]
    before = reachability.reach(site, wanted)
    against = packet_barrier.of(site, "drop")
    against.build()
    against.keep_from([Destination(None), *beside])
    return {"before": before, "worked": reachability.reached(before, wanted), "against": against}


def _prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    worked = memory["worked"]
    if "against" in memory:
        met = memory["against"].packets()  # before we try ourselves
        trouble = "; ".join(memory["against"].trouble()) or None
        cut, shown = any(met.values()), {"packets_of_the_bot": met, "trouble": trouble}
    else:
        cut = not _network(site).link_running()
        shown = {"link_down_inside": cut}
    during = reachability.reach(site, worked, reachability.SHOULD_NOT_WITHIN)
    details = {"before": memory["before"], **shown, "during": during}
    return Proof(bool(worked) and cut and not reachability.reached(during, worked), details)


def _revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    if "against" in memory:
        memory["against"].remove()
        return reachability.reach_again(site, memory["worked"])
    network = _network(site)
    network.join_again()
    return {"link_up_inside": network.link_running(), **reachability.reach_again(site, memory["worked"])}


def _network(site: Site) -> Any:
    if site.network is None:
        raise ValueError("network_cut needs a network of the arena's own: say `network: private`")
    return site.network


FAULT = Fault(
    name="network_cut",
    title="the network cable is pulled",
    stands=True,
    schema=_SCHEMA,
    supported=_supported,
    undo=_undo,
    apply=_apply,
    prove=_prove,
    revert=_revert,
    slows=True,
    by_user=True,
)
