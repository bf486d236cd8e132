"""``network_cut``: the cable is pulled (4.3, unattended). Only in a network of the arena's own.

The outside's end of the link goes down, so the bot's own link stays up and loses its carrier, as with a cable.
Nothing needs undoing: the network goes with the arena's last process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults import reaching
from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "The link of the arena's own network goes down.",
    "properties": {},
}


def _supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    del arguments
    if where.network == "private":
        return None  # whether there can be one was asked before
    return Unsupported("cutting the host's own network would cut our line to it", "say `network: private`")


def _apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    del arguments
    network = _network(site)
    wanted = reaching.targets(site, network.hosts or {"": [network.first_host]})
    before = reaching.reach(site, wanted)
    network.cut()
    return {"before": before, "worked": reaching.reached(before, wanted)}


def _prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    del arguments
    network, worked = _network(site), memory["worked"]
    during = reaching.reach(site, worked, reaching.SHOULD_NOT_WITHIN)
    down = not network.link_running()
    details = {"before": memory["before"], "link_down_inside": down, "during": during}
    return Proof(bool(worked) and down and not reaching.reached(during, worked), details)


def _revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    del arguments
    network = _network(site)
    network.join_again()
    return {"link_up_inside": network.link_running(), **reaching.reach_again(site, memory["worked"])}


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
    undo=nothing_to_undo,
    apply=_apply,
    prove=_prove,
    revert=_revert,
    slows=True,
)
