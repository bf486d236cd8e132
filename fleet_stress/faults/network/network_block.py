"""``network_block``: the bot's packets to its hosts are dropped or rejected (4.1).

The stress plan resolves a name once, for IPv4. Here: both families, all addresses, resolved again while active.
In a network of the arena's own all of it is the bot's. In the host's network only what the arena's own processes
send is hit (``packet_barrier.py``): by their control group, where there are any, and else by user, alone on the host.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faults.network import packet_barrier, reachability
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system.network.packet_filter import Destination, PacketFilter, PacketFilterFailed

#: Seconds between two looks for new addresses, and how many rules there may be in all.
_LOOK_AGAIN, _MOST_ADDRESSES = 5.0, 256


class _Refresh(threading.Thread):
    """Blocks addresses that the hosts get while the fault is active. Ends with the fault, or with the arena."""

    def __init__(self, against: PacketFilter, hosts: Sequence[str]) -> None:
        super().__init__(name="network_block", daemon=True)
        self.addresses: dict[str, list[str]] = {name: [] for name in hosts}
        self.trouble: str | None = None
        self._against = against
        self._over = threading.Event()

    def look(self) -> None:
        """Block what is new. Raises what the barrier raises."""
        blocked = {address for addresses in self.addresses.values() for address in addresses}
        fresh: dict[str, None] = {}
        for name, addresses in reachability.resolved(list(self.addresses)).items():
            for address in addresses:
                if address not in blocked and len(blocked) < _MOST_ADDRESSES:
                    fresh[address] = None
                    blocked.add(address)
                if address in blocked and address not in self.addresses[name]:
                    self.addresses[name].append(address)
        self._against.keep_from([Destination(address) for address in fresh])

    def run(self) -> None:
        while not self._over.wait(_LOOK_AGAIN):
            try:
                self.look()
            except PacketFilterFailed as problem:
                self.trouble = str(problem)

    def end(self) -> None:
        """No rule is added any more once this returns."""
        self._over.set()
        if self.is_alive():
            self.join()


class NetworkBlock(Fault):
    name = "network_block"
    title = "packets to the bot's hosts do not arrive"
    slows = True
    by_user = True
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["how"],
        "description": "Packets to the bot's hosts do not arrive.",
        "properties": {
            "how": {
                "enum": ["drop", "reject"],
                "description": "drop: they vanish. reject: the sender gets an error at once.",
            },
            "hosts": {
                "description": "Which hosts; by default all in the bot profile.",
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "pattern": r"^[A-Za-z0-9_.:-]+$"},
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        if not (arguments.get("hosts") or where.bot.get("hosts")):
            return Unsupported("the bot profile names no hosts to block", "name them in its `hosts`")
        return packet_barrier.supported(where, arguments["how"])

    def undo(self) -> tuple[UndoNeeded, ...]:
        return packet_barrier.undo(self, self.arguments["how"])

    def apply(self) -> None:
        hosts = self.arguments.get("hosts") or self.site.bot["hosts"]
        beside = [] if "hosts" in self.arguments else packet_barrier.companions(self.site)
        tried = reachability.targets(self.site, reachability.resolved(hosts))
        tried += [
            (destination.address, destination.port)
            for destination in beside
            if destination.address and destination.port
        ]
        before = reachability.reach(self.site, tried)
        against = packet_barrier.of(self, self.arguments["how"])
        against.build()
        against.keep_from(beside)
        refresh = _Refresh(against, hosts)
        refresh.look()
        refresh.start()
        self._before = before
        self._worked = reachability.reached(before, tried)
        self._refresh = refresh
        self._against = against
        self._companions = [destination.describe() for destination in beside]

    def prove(self) -> Proof:
        refresh, worked, against = self._refresh, self._worked, self._against
        refresh.end()
        packets = against.packets()  # before we try ourselves: what is counted by now is the bot's own
        during = reachability.reach(self.site, worked, reachability.SHOULD_NOT_WITHIN)
        details = {
            "how": self.arguments["how"],
            "addresses": refresh.addresses,
            "companions": self._companions,
            "before": self._before,
            "packets_of_the_bot": packets,
            "during": during,
            "trouble": "; ".join([*([refresh.trouble] if refresh.trouble else []), *against.trouble()])
            or None,
        }
        why = (
            "no connection to these hosts worked before"
            if not worked
            else "the bot sent them nothing"
            if not any(packets.values())
            else "connections were made all the same"
            if reachability.reached(during, worked)
            else None
        )
        return Proof(why is None, {**({"why": why} if why else {}), **details})

    def revert(self) -> Mapping[str, Any]:
        self._refresh.end()
        self._against.remove()
        return reachability.reach_again(self.site, self._worked)
