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
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system.network.packet_filter import Destination
from fleet_stress.system.network.private_network import Network


class NetworkCut(Fault):
    name = "network_cut"
    title = "the network cable is pulled"
    slows = True
    by_user = True
    schema = {
        "type": "object",
        "additionalProperties": False,
        "description": "The link of the arena's own network goes down.",
        "properties": {},
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        if where.network == "private":
            return None  # whether there can be one was asked before
        if where.network == "by_user":
            return packet_barrier.supported(where, "drop")
        return Unsupported(
            "cutting the host's own network would cut our line to it", "say `network: private`"
        )

    def undo(self) -> tuple[UndoNeeded, ...]:
        return packet_barrier.undo(self, "drop") if system.FILTERS_BY_USER else ()

    def apply(self) -> None:
        self._barrier = packet_barrier.of(self, "drop") if system.FILTERS_BY_USER else None
        if self._barrier is not None:
            companions = packet_barrier.companions(self.site)
            targets = reachability.targets(self.site, reachability.resolved(self.site.bot["hosts"]))
            targets += [
                (target.address, target.port) for target in companions if target.address and target.port
            ]
        else:
            network = self._network()
            targets = reachability.targets(self.site, network.hosts or {"": [network.first_host]})
        self._before = reachability.reach(self.site, targets)
        self._worked = reachability.reached(self._before, targets)
        if self._barrier is not None:
            self._barrier.build()
            self._barrier.keep_from([Destination(None), *companions])
        else:
            network.cut()

    def prove(self) -> Proof:
        worked = self._worked
        if self._barrier is not None:
            packets = self._barrier.packets()  # before we try ourselves
            trouble = "; ".join(self._barrier.trouble()) or None
            cut = any(packets.values())
            shown: dict[str, Any] = {"packets_of_the_bot": packets, "trouble": trouble}
        else:
            cut = not self._network().link_running()
            shown = {"link_down_inside": cut}
        during = reachability.reach(self.site, worked, reachability.SHOULD_NOT_WITHIN)
        details = {"before": self._before, **shown, "during": during}
        return Proof(bool(worked) and cut and not reachability.reached(during, worked), details)

    def revert(self) -> Mapping[str, Any]:
        if self._barrier is not None:
            self._barrier.remove()
            return reachability.reach_again(self.site, self._worked)
        network = self._network()
        network.join_again()
        return {"link_up_inside": network.link_running(), **reachability.reach_again(self.site, self._worked)}

    def _network(self) -> Network:
        if self.site.isolation.network is None:
            raise ValueError("network_cut needs a network of the arena's own: say `network: private`")
        return self.site.isolation.network
