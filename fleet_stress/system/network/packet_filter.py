"""The one door to the host's packet filter: it keeps the packets of some processes from some destinations.

By iptables(8) in the network of an arena's own or, in the host's network, for one control group. By pf (macOS) for one
user, because nothing else there tells whose a packet is.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Callable, NamedTuple, Protocol

from fleet_stress import system
from fleet_stress.system import cgroups, process
from fleet_stress.system.darwin import pf
from fleet_stress.system.network import iptables, our_rules
from fleet_stress.system.network.packet_rules import Destination, PacketFilterFailed

__all__ = [
    "UNDO",
    "Destination",
    "PacketFilter",
    "PacketFilterFailed",
    "Scope",
    "families",
    "for_host",
    "unable",
]

#: How the rules are undone: the kind of the undo record, what acts, and what looks. Both take the record's arguments.
UNDO: dict[str, tuple[Callable[..., None], Callable[..., bool]]] = {
    "iptables_chain": (our_rules.remove, our_rules.gone),
    "pf_anchor": (pf.remove, pf.gone),
}


class Scope(NamedTuple):
    """Whose packets, and what the rules are named after."""

    mark: str
    user: int
    #: The processes at this moment.
    pids: Callable[[], list[int]]
    #: The caller is in a network of its own, which disappears with its last process.
    private_network: bool
    #: A file of ours for pf, which exists while the rules do.
    ticket: Path
    #: The mark of the arena that they run in.
    arena: str
    #: The control groups that the bot is started in: one that the packets are told by is put here.
    groups: list[cgroups.Group]


class PacketFilter(Protocol):
    """Is active from ``build`` to ``remove``. All methods raise PacketFilterFailed."""

    def undo(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Kinds and arguments of the undo records that must be on disk before ``build``."""

    def build(self) -> None:
        """Make it, with no rule in it."""

    def keep_from(self, destinations: Sequence[Destination]) -> None:
        """Block these as well, from now on."""

    def packets(self) -> dict[str, int]:
        """How many packets it has stopped, by destination."""

    def trouble(self) -> list[str]:
        """What it could not do, as sentences."""

    def remove(self) -> None:
        """Remove it; repeatable."""


def for_host(scope: Scope, how: str) -> PacketFilter:
    """The filter of this host; ``how``: ``drop`` or ``reject``."""
    return _Pf(scope, how) if system.FILTERS_BY_USER else _Iptables(scope, how)


def unable(how: str, *, private: bool) -> tuple[str, str] | None:
    """Why rules cannot be set, and what enables it; None: they can.

    Tried with iptables, in a network that is gone at once; only looked at for pf.
    """
    if system.FILTERS_BY_USER:
        reason = pf.unable()
        enable = "run as root (stress_become: true), with the pf.conf that macOS comes with"
    elif not private and (os.geteuid() != 0 or system.own_cgroup() is None):
        return (
            "only the bot's own packets may be blocked, and there is no cgroup2 tree to tell them by",
            "run as root with a writable cgroup2, or say `network: private`",
        )
    else:
        reason, enable = _tried(how, private), "install iptables (and ip6tables)"
    return None if reason is None else (f"packets cannot be blocked here: {reason}", enable)


@functools.cache
def _tried(how: str, private: bool) -> str | None:
    home = None if private else system.own_cgroup()
    only = ("-m", "cgroup", "--path", home[1] or "/") if home else ()
    return system.in_scratch_network(lambda: iptables.unable(families(), how, only))


def families() -> tuple[str, ...]:
    """The address families of this host: ``4``, ``6``."""
    return ("4", "6") if system.has_ipv6() else ("4",)


def rules_of(family: str, mark: str) -> dict[str, Any]:
    """The arguments of the undo record ``iptables_chain``, for the caller's network. Raises PacketFilterFailed."""
    where = {"backend": iptables.backend(family), "network": system.network_number()}
    return {"family": family, "chain": iptables.chain_of(mark), "mark": mark, **where}


class _Iptables:
    """A chain of our own in each family."""

    def __init__(self, scope: Scope, how: str) -> None:
        self._scope, self._how = scope, how
        self._chain = iptables.chain_of(scope.mark)
        self._only: tuple[str, ...] = ()
        #: Where the caller was before it entered the group.
        self._home: Path | None = None
        self._confined = process.confined()

    def undo(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The chains and the group; a private network goes with its last process, and its rules with it."""
        if self._scope.private_network:
            return []
        chains = [("iptables_chain", rules_of(family, self._scope.mark)) for family in families()]
        return [("remove_cgroup", {"path": str(self._group()[0])}), *chains]

    def _group(self) -> tuple[Path, str]:
        """The group of the scope's processes: folder, and path for iptables.

        Below the arena's own, so that it is ended with it; where there is none, beside the one that we are in.
        """
        home = system.own_cgroup()
        if home is None:
            raise ValueError("there is no cgroup2 tree to tell the bot's packets by")
        name = f"{cgroups.PREFIX}net-{self._chain[3:]}"
        arena = cgroups.roots().get("cgroup2", home[0]) / cgroups.folder_name(self._scope.arena)
        if arena.is_dir():
            return arena / name, f"{arena.name}/{name}"
        return home[0] / name, f"{home[1]}/{name}".lstrip("/")

    def build(self) -> None:
        """The chains; and, in the host's network, the group whose packets they match."""
        if not self._scope.private_network:
            group, name = self._group()
            bot = group
            group.mkdir(exist_ok=True)
            if (group.parent / cgroups.BOT).is_dir():  # the bot is ended without us and what is beside it
                bot, beside = group / cgroups.BOT, group / cgroups.BESIDE
                for each in (bot, beside):
                    each.mkdir(exist_ok=True)
                self._confined = process.confine(
                    beside if path.parent == group.parent else path for path in process.confined()
                )
            self._home = (system.own_cgroup() or (group.parent, ""))[0]
            for pid in self._scope.pids():
                with contextlib.suppress(ProcessLookupError):
                    cgroups.add(cgroups.Group("", 2, bot), pid)
            # The caller as well: whatever it starts from now on is in the group from its first moment.
            cgroups.add(cgroups.Group("", 2, group), os.getpid())
            self._scope.groups.append(cgroups.Group("", 2, bot))
            self._only = ("-m", "cgroup", "--path", name)
        for family in families():
            iptables.build(family, self._chain, self._scope.mark)

    def keep_from(self, destinations: Sequence[Destination]) -> None:
        """One rule an address, or two."""
        for each in destinations:
            if each.address is not None:
                iptables.block(self._chain, each.address, self._how, self._scope.mark, self._only)

    def packets(self) -> dict[str, int]:
        """As iptables counts them."""
        stopped: dict[str, int] = {}
        for family in families():
            stopped.update(iptables.packets(family, self._chain))
        return stopped

    def trouble(self) -> list[str]:
        """None: a rule is set, or it fails."""
        return []

    def remove(self) -> None:
        """The chains; the group, which the caller leaves, is removed by its undo record."""
        for family in families():
            our_rules.remove(**rules_of(family, self._scope.mark))
        if self._home is not None:
            cgroups.add(cgroups.Group("", 2, self._home), os.getpid())
            process.confine(self._confined)
            self._scope.groups[:] = [group for group in self._scope.groups if group.controller]
            self._home = None


class _Pf:
    """An anchor of our own, for one user."""

    def __init__(self, scope: Scope, how: str) -> None:
        self._scope, self._how = scope, how
        self._anchor = pf.anchor_of(scope.mark)
        self._destinations: list[Destination] = []
        self._counted: dict[str, int] = {}
        self._trouble: list[str] = []

    def undo(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The rules, and the reference that keeps the filter on."""
        return [("pf_anchor", {"anchor": self._anchor, "ticket": str(self._scope.ticket)})]

    def build(self) -> None:
        """The filter is on from now on, with nothing in our anchor."""
        pf.switch_on(self._scope.ticket)

    def keep_from(self, destinations: Sequence[Destination]) -> None:
        """All rules are loaded again, at once; what they had counted is kept here."""
        fresh = [each for each in destinations if each not in self._destinations]
        if not fresh:
            return
        self._counted = self.packets()
        self._destinations += fresh
        pf.load(self._anchor, pf.rules_of(self._how, self._scope.user, self._destinations))
        self._trouble += pf.end_states(self._scope.pids(), self._destinations)

    def packets(self) -> dict[str, int]:
        """As pf counts them now and has before."""
        now = pf.packets(self._anchor) if self._destinations else {}
        return {to: self._counted.get(to, 0) + now.get(to, 0) for to in {**self._counted, **now}}

    def trouble(self) -> list[str]:
        """States that others share, and that were left alone."""
        return list(dict.fromkeys(self._trouble))

    def remove(self) -> None:
        """The rules, and our hold on the filter."""
        pf.remove(self._anchor, str(self._scope.ticket))
