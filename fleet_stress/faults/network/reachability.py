"""What the network faults share: the bot's hosts and their ports, tried as the bot's user."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faults.site import Site
from fleet_stress.system.network import iptables
from fleet_stress.system.network.connect import CONNECTED, Target, connect, name_of
from fleet_stress.system.network.private_network import services

#: A connection that should be made gets so long; one that should not gets so long to be made all the same.
SHOULD_WITHIN, SHOULD_NOT_WITHIN = 10.0, 0.5
#: A network that is back needs a moment (neighbours are asked for anew): a deadline.
_BACK_WITHIN = 30.0


def resolved(names: Sequence[str]) -> dict[str, list[str]]:
    """The addresses of each name, now."""
    return {name: iptables.addresses(name) for name in names}


def targets(site: Site, found: Mapping[str, Sequence[str]]) -> list[Target]:
    """Every address of the hosts with every port on which they answer."""
    ports = services(site.isolation.network, site.places)
    every = [(address, port) for addresses in found.values() for address in addresses for port in ports]
    return list(dict.fromkeys(every))


def reach(site: Site, wanted: Sequence[Target], within: float = SHOULD_WITHIN) -> dict[str, str]:
    """What came of a connection to each, by its name."""
    said = connect(
        wanted,
        within=within,
        python=site.places["python"],
        user=site.user,
        folder=site.scratch,
        mark=site.mark,
    )
    return dict(said)


def reached(said: Mapping[str, str], wanted: Sequence[Target]) -> list[Target]:
    """Those of the targets to which a connection was made."""
    return [target for target in wanted if said.get(name_of(target)) == CONNECTED]


def reach_again(site: Site, wanted: Sequence[Target]) -> dict[str, Any]:
    """What ``revert`` tells: whether all that worked before works again, waited for with a deadline."""
    deadline = time.monotonic() + _BACK_WITHIN
    while True:
        said = reach(site, wanted)
        if len(reached(said, wanted)) == len(wanted) or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    works = len(reached(said, wanted)) == len(wanted)
    return {"connections": said, "bit": works, **({} if works else {"why": "it did not work afterwards"})}
