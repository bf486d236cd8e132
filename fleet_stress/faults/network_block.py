"""``network_block``: the bot's packets to its hosts are dropped or rejected (4.1).

The plan resolves a name once, for IPv4. Here both families, all addresses, and looked up again while it stands.
In a network of the arena's own all of it is the bot's. In the host's network only what the arena's own processes
send is met, by their control group: never by user, whom other arenas share.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress import blocking, cgroups, host
from fleet_stress.faults import reaching
from fleet_stress.faults.protocol import Fault, Proof, Site, UndoNeeded, Unsupported, Where

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["how"],
    "description": "Packets to the bot's hosts do not arrive.",
    "properties": {
        "how": {
            "enum": ["drop", "reject"],
            "description": "drop: nobody hears of them. reject: the sender is told at once.",
        },
        "hosts": {
            "description": "Which hosts; all that the bot profile names by default.",
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "pattern": r"^[A-Za-z0-9_.:-]+$"},
        },
    },
}
#: Seconds between two looks for new addresses, and how many rules there may be in all.
_LOOK_AGAIN, _MOST_ADDRESSES = 5.0, 256


class _Refresh(threading.Thread):
    """Blocks addresses that the hosts get while the fault stands. Ends with the fault, or with the arena."""

    def __init__(self, site: Site, how: str, hosts: Sequence[str], only: Sequence[str]) -> None:
        super().__init__(name="network_block", daemon=True)
        self.addresses: dict[str, list[str]] = {name: [] for name in hosts}
        self.trouble: str | None = None
        self._site, self._how, self._only = site, how, only
        self._over = threading.Event()

    def look(self) -> None:
        """Block what is new. Raises BlockingFailed."""
        blocked = {address for one in self.addresses.values() for address in one}
        for name, addresses in reaching.resolved(list(self.addresses)).items():
            for address in addresses:
                if address not in blocked and len(blocked) < _MOST_ADDRESSES:
                    chain = blocking.chain_of(self._site.mark)
                    blocking.block(chain, address, self._how, self._site.mark, self._only)
                    blocked.add(address)
                if address in blocked and address not in self.addresses[name]:
                    self.addresses[name].append(address)

    def run(self) -> None:
        while not self._over.wait(_LOOK_AGAIN):
            try:
                self.look()
            except blocking.BlockingFailed as problem:
                self.trouble = str(problem)

    def end(self) -> None:
        """No rule is added any more once this returns."""
        self._over.set()
        if self.is_alive():
            self.join()


def _supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    if not (arguments.get("hosts") or where.bot.get("hosts")):
        return Unsupported("the bot profile names no hosts to block", "name them in its `hosts`")
    private = where.network == "private"
    if not private and (os.geteuid() != 0 or host.own_group() is None):
        reason = "only the bot's own packets may be blocked, and there is no cgroup2 tree to tell them by"
        return Unsupported(reason, "run as root with a writable cgroup2, or say `network: private`")
    said = _unable(arguments["how"], private)
    if said is None:
        return None
    return Unsupported(f"packets cannot be blocked here: {said}", "install iptables (and ip6tables)")


@functools.cache
def _unable(how: str, private: bool) -> str | None:
    home = None if private else host.own_group()
    only = ("-m", "cgroup", "--path", home[1] or "/") if home else ()
    return host.in_scratch_network(lambda: blocking.unable(_families(), how, only))


def _families() -> tuple[str, ...]:
    return ("4", "6") if host.has_ipv6() else ("4",)


def _group(site: Site) -> tuple[Path, str]:
    """The group of the arena's own processes, beside the one that it is in: folder, and path for iptables."""
    home = host.own_group()
    if home is None:
        raise ValueError("there is no cgroup2 tree to tell the bot's packets by")
    name = f"{cgroups.PREFIX}net-{blocking.chain_of(site.mark)[3:]}"
    return home[0] / name, f"{home[1]}/{name}".lstrip("/")


def _undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    del arguments
    if site.private_network:
        return ()  # the network goes with the arena's last process, and its rules with it
    chain = blocking.chain_of(site.mark)
    chains = [UndoNeeded("iptables_chain", {"family": one, "chain": chain}) for one in _families()]
    return (UndoNeeded("remove_cgroup", {"path": str(_group(site)[0])}), *chains)


def _apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    hosts = arguments.get("hosts") or site.bot["hosts"]
    tried = reaching.targets(site, reaching.resolved(hosts))
    before = reaching.reach(site, tried)
    only: tuple[str, ...] = ()
    if not site.private_network:
        group, path = _group(site)
        group.mkdir(exist_ok=True)
        # The arena itself as well: whatever it starts from now on is in the group from its first moment.
        for pid in (os.getpid(), *(one.pid for one in site.processes())):
            with contextlib.suppress(ProcessLookupError):
                cgroups.add(cgroups.Group("", 2, group), pid)
        only = ("-m", "cgroup", "--path", path)
    for family in _families():
        blocking.build(family, blocking.chain_of(site.mark))
    refresh = _Refresh(site, arguments["how"], hosts, only)
    refresh.look()
    refresh.start()
    return {"before": before, "worked": reaching.reached(before, tried), "refresh": refresh}


def _prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    refresh, worked = memory["refresh"], memory["worked"]
    refresh.end()
    met: dict[str, int] = {}
    for family in _families():  # before we try ourselves: what is counted by now is the bot's own
        met.update(blocking.packets(family, blocking.chain_of(site.mark)))
    during = reaching.reach(site, worked, reaching.SHOULD_NOT_WITHIN)
    details = {
        "how": arguments["how"],
        "addresses": refresh.addresses,
        "before": memory["before"],
        "packets_of_the_bot": met,
        "during": during,
        "trouble": refresh.trouble,
    }
    why = (
        "no connection to these hosts worked before"
        if not worked
        else "the bot sent them nothing"
        if not any(met.values())
        else "connections were made all the same"
        if reaching.reached(during, worked)
        else None
    )
    return Proof(why is None, {**({"why": why} if why else {}), **details})


def _revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    del arguments
    memory["refresh"].end()
    for family in _families():
        blocking.remove(family, blocking.chain_of(site.mark))
    return reaching.reach_again(site, memory["worked"])


FAULT = Fault(
    name="network_block",
    title="packets to the bot's hosts do not arrive",
    stands=True,
    schema=_SCHEMA,
    supported=_supported,
    undo=_undo,
    apply=_apply,
    prove=_prove,
    revert=_revert,
    slows=True,
)
