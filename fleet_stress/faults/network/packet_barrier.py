"""What keeps the bot's packets from where they go, by the means of the host: iptables or pf.

By iptables in the network of the arena's own, or, in the host's, for the arena's control group. By pf (macOS) for the
bots' user, as there is nothing else to tell a bot's packets by: a scenario that does so runs alone on its host.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from fleet_stress import system
from fleet_stress.faults.protocol import Site, UndoNeeded, Unsupported, Where
from fleet_stress.system import cgroups
from fleet_stress.system.darwin import packet_filter
from fleet_stress.system.darwin.packet_filter import Meets
from fleet_stress.system.network import iptables
from fleet_stress.system.network.private_network import ready_ports


class Barrier(Protocol):
    """Stands from ``build`` to ``remove``. All raise ``BlockingFailed`` or ``PfFailed``."""

    def undo(self) -> tuple[UndoNeeded, ...]:
        """What must be on disk before ``build``."""

    def build(self) -> None:
        """Make it, with nothing in it."""

    def keep_from(self, wanted: Sequence[Meets]) -> None:
        """Keep the bot from these as well, from now on."""

    def packets(self) -> dict[str, int]:
        """How many of the bot's packets it has met, by where they went to."""

    def trouble(self) -> list[str]:
        """What it could not do, as sentences."""

    def remove(self) -> None:
        """Take it away; repeatable."""


FAILURES = (iptables.BlockingFailed, packet_filter.PfFailed)


def of(site: Site, how: str) -> Barrier:
    """The one for this host; ``how``: ``drop`` or ``reject``."""
    return ByPf(site, how) if system.FILTERS_BY_USER else ByIptables(site, how)


def supported(where: Where, how: str) -> Unsupported | None:
    """Whether there can be one: tried by iptables, in a network that is gone at once; looked at for pf."""
    if system.FILTERS_BY_USER:
        said = packet_filter.unable()
        enable = "run as root (stress_become: true), with the pf.conf that macOS comes with"
        return None if said is None else Unsupported(f"packets cannot be blocked here: {said}", enable)
    private = where.network == "private"
    if not private and (os.geteuid() != 0 or system.own_cgroup() is None):
        reason = "only the bot's own packets may be blocked, and there is no cgroup2 tree to tell them by"
        return Unsupported(reason, "run as root with a writable cgroup2, or say `network: private`")
    said = _unable(how, private)
    if said is None:
        return None
    return Unsupported(f"packets cannot be blocked here: {said}", "install iptables (and ip6tables)")


@functools.cache
def _unable(how: str, private: bool) -> str | None:
    home = None if private else system.own_cgroup()
    only = ("-m", "cgroup", "--path", home[1] or "/") if home else ()
    return system.in_scratch_network(lambda: iptables.unable(families(), how, only))


def families() -> tuple[str, ...]:
    """Those that this host has."""
    return ("4", "6") if system.has_ipv6() else ("4",)


def companions(site: Site) -> list[Meets]:
    """Where the bot's companions listen, when they stand for its hosts in the host's own network."""
    if not system.FILTERS_BY_USER:
        return []
    return [Meets(site.places["outside"], port) for port in ready_ports(site.places)]


class ByIptables:
    """A chain of our own in each family; see ``blocking``."""

    def __init__(self, site: Site, how: str) -> None:
        self._site, self._how = site, how
        self._chain = iptables.chain_of(site.mark)
        self._only: tuple[str, ...] = ()

    def undo(self) -> tuple[UndoNeeded, ...]:
        """The chains and the group; a private network goes with the arena's last process, and its rules with it."""
        if self._site.private_network:
            return ()
        chains = [UndoNeeded("iptables_chain", {"family": one, "chain": self._chain}) for one in families()]
        return (UndoNeeded("remove_cgroup", {"path": str(self._group()[0])}), *chains)

    def _group(self) -> tuple[Path, str]:
        """The group of the arena's own processes, beside the one that it is in: folder, and path for iptables."""
        home = system.own_cgroup()
        if home is None:
            raise ValueError("there is no cgroup2 tree to tell the bot's packets by")
        name = f"{cgroups.PREFIX}net-{self._chain[3:]}"
        return home[0] / name, f"{home[1]}/{name}".lstrip("/")

    def build(self) -> None:
        """The chains; and, in the host's network, the group that they are about."""
        if not self._site.private_network:
            group, path = self._group()
            group.mkdir(exist_ok=True)
            # The arena itself as well: whatever it starts from now on is in the group from its first moment.
            for pid in (os.getpid(), *(one.pid for one in self._site.processes())):
                with contextlib.suppress(ProcessLookupError):
                    cgroups.add(cgroups.Group("", 2, group), pid)
            self._only = ("-m", "cgroup", "--path", path)
        for family in families():
            iptables.build(family, self._chain)

    def keep_from(self, wanted: Sequence[Meets]) -> None:
        """One rule an address, or two."""
        for one in wanted:
            if one.address is not None:
                iptables.block(self._chain, one.address, self._how, self._site.mark, self._only)

    def packets(self) -> dict[str, int]:
        """As iptables counts them."""
        met: dict[str, int] = {}
        for family in families():
            met.update(iptables.packets(family, self._chain))
        return met

    def trouble(self) -> list[str]:
        """It does it or it fails."""
        return []

    def remove(self) -> None:
        """The chains; the group is taken away by its undo record."""
        for family in families():
            iptables.remove(family, self._chain)


class ByPf:
    """An anchor of our own, about the bots' user; see ``darwin_pf``."""

    def __init__(self, site: Site, how: str) -> None:
        self._site, self._how = site, how
        self._anchor = packet_filter.anchor_of(site.mark)
        self._ticket = site.scratch / "pf.json"
        self._wanted: list[Meets] = []
        self._met: dict[str, int] = {}
        self._trouble: list[str] = []

    @property
    def _record(self) -> Mapping[str, str]:
        return {"anchor": self._anchor, "ticket": str(self._ticket)}

    def undo(self) -> tuple[UndoNeeded, ...]:
        """The rules and the reference that keeps the filter on."""
        return (UndoNeeded("pf_anchor", self._record),)

    def build(self) -> None:
        """The filter is on from now on, and nothing in our anchor."""
        packet_filter.switch_on(self._ticket)

    def keep_from(self, wanted: Sequence[Meets]) -> None:
        """All rules are loaded anew, at once; what they had counted is kept here."""
        fresh = [one for one in wanted if one not in self._wanted]
        if not fresh:
            return
        self._met = self.packets()
        self._wanted += fresh
        packet_filter.load(self._anchor, packet_filter.rules_of(self._how, self._site.user.uid, self._wanted))
        pids = [one.pid for one in self._site.processes()]
        self._trouble += packet_filter.end_states(pids, self._wanted)

    def packets(self) -> dict[str, int]:
        """As pf counts them, and has before."""
        now = packet_filter.packets(self._anchor) if self._wanted else {}
        return {one: self._met.get(one, 0) + now.get(one, 0) for one in {**self._met, **now}}

    def trouble(self) -> list[str]:
        """States of others' that had to be left."""
        return list(dict.fromkeys(self._trouble))

    def remove(self) -> None:
        """The rules, and our hold on the filter."""
        packet_filter.remove(self._record)
