"""Rules of iptables that are ours: found by the id in their comments, whatever their chain is called, and removed.

Linux only. A rule that somebody else has put into our chain, or that leads to it, is left alone; the chain stays with
it, cut off, and that is said. Journals of earlier versions name a chain alone: all of that chain is removed.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from typing import Callable, NamedTuple, TypeVar

from fleet_stress import system
from fleet_stress.system.network import iptables, nf_tables
from fleet_stress.system.network.nf_tables import Chain, Rule
from fleet_stress.system.network.packet_rules import PacketFilterFailed
from fleet_stress.system.programs import program_of_the_system, run

_CHAIN = re.compile(r"FS_[0-9a-f]{8}")
_ATTEMPTS = 20
_T = TypeVar("_T")


class _Found(NamedTuple):
    rules: list[Rule]
    chains: list[Chain]
    #: Rules of others that keep a chain of ours.
    foreign: list[Rule]


def remove(
    family: str,
    chain: str,
    mark: str | None = None,
    backend: str | None = None,
    network: int | None = None,
) -> None:
    """Remove what carries the mark's id, and the chain. Raises PacketFilterFailed, with what is left and what to do.

    Args:
        family: ``4`` or ``6``.
        chain: Its name when it was made.
        mark: By which its rules are recognised; None: by the chain.
        backend: Where it was made (``iptables.backend``); None: where the tool puts its rules today.
        network: The same (``system.network_number``); None: the caller's network. With one that is gone, all of it is.
    """
    if not _CHAIN.fullmatch(chain):
        raise PacketFilterFailed(f"{chain} is no chain of ours")
    _there(network, lambda: _remove(family, chain, mark, (backend or iptables.backend(family)) == "legacy"))


def _remove(family: str, chain: str, mark: str | None, legacy: bool) -> None:
    for _ in range(_ATTEMPTS):
        found = _look(family, chain, mark, legacy)
        kept = {
            (rule.family, rule.table, name) for rule in found.foreign for name in (rule.chain, rule.leads_to)
        }
        chains = [item for item in found.chains if item[:3] not in kept]
        try:
            if legacy:
                _delete_legacy(family, found.rules, chains)
            else:
                nf_tables.delete(found.rules, chains)
        except LookupError:  # somebody has changed it since we looked
            continue
        if found.foreign:
            raise PacketFilterFailed(_kept(chain, found.foreign, legacy))
        return
    raise PacketFilterFailed(
        f"{chain} does not go away: somebody changes the rules of this host all the time"
    )


def gone(
    family: str,
    chain: str,
    mark: str | None = None,
    backend: str | None = None,
    network: int | None = None,
) -> bool:
    """Whether none of it is left. Raises PacketFilterFailed if that is unknown."""
    look = lambda: _look(family, chain, mark, (backend or iptables.backend(family)) == "legacy")  # noqa: E731
    found = _there(network, look)
    return found is None or not (found.rules or found.chains)


def _there(network: int | None, act: Callable[[], _T]) -> _T | None:
    """Act in that network; None: it is gone. In a thread, which can be in a network of its own (setns(2))."""
    if network in (None, system.network_number()):
        return act()
    descriptor = system.network_numbered(network)
    if descriptor is None:
        return None

    def enter_and_act() -> _T:
        system.enter_network(descriptor)
        return act()

    try:
        from concurrent.futures import ThreadPoolExecutor  # seldom needed, and slow to load

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(enter_and_act).result()
    finally:
        os.close(descriptor)


def _look(family: str, chain: str, mark: str | None, legacy: bool) -> _Found:
    """With a mark, in all tables but those of the other family, which has a record of its own; without, in one."""
    all_chains, all_rules = _of_legacy(family) if legacy else (nf_tables.chains(), nf_tables.rules())
    other = nf_tables.OF_IPTABLES["6" if family == "4" else "4"]
    all_chains = [item for item in all_chains if item.family != other]
    all_rules = [rule for rule in all_rules if rule.family != other]
    table = (nf_tables.OF_IPTABLES[family], "filter")
    if mark is None:
        ours = [
            rule
            for rule in all_rules
            if rule[:2] == table
            and (rule.chain == chain or (rule.chain == "OUTPUT" and rule.leads_to == chain))
        ]
        names = {(*table, chain)}
    else:
        told = iptables.id_of(mark).encode()
        ours = [rule for rule in all_rules if told in rule.content]
        led_to = {(rule.family, rule.table, rule.leads_to) for rule in ours}  # however it is called by now
        names = {
            item[:3] for item in all_chains if not item.base and (item.name == chain or item[:3] in led_to)
        }
    numbers = {(rule.family, rule.table, rule.handle) for rule in ours}
    foreign = [
        rule
        for rule in all_rules
        if (rule.family, rule.table, rule.handle) not in numbers
        and {(rule.family, rule.table, rule.chain), (rule.family, rule.table, rule.leads_to)} & names
    ]
    return _Found(ours, [item for item in all_chains if item[:3] in names], foreign)


def _kept(chain: str, foreign: Sequence[Rule], legacy: bool) -> str:
    each = [
        f"`{rule.content.decode(errors='replace')}`" if legacy else f"{rule.where} handle {rule.handle}"
        for rule in foreign
    ]
    tool = "iptables-legacy -D" if legacy else "nft delete rule"
    return (
        f"our rules are removed, but chain {chain} stays, because somebody else's rule is in it or leads to it:"
        f" {', '.join(each)}. Whoever put it there has to remove it ({tool} …)"
    )


def _of_legacy(family: str) -> tuple[list[Chain], list[Rule]]:
    """Table ``filter`` as the older tool prints it; the number of a rule is that of its line."""
    number = nf_tables.OF_IPTABLES[family]
    chains, rules = [], []
    for line, text in enumerate(_legacy(family, "-S").splitlines()):
        words = shlex.split(text)
        if words[0] in ("-N", "-P"):
            chains.append(Chain(number, "filter", words[1], words[0] == "-P"))
        elif words[0] == "-A":
            target = words[words.index("-j") + 1] if "-j" in words else ""
            rules.append(Rule(number, "filter", words[1], line, target, text.encode()))
    return chains, rules


def _delete_legacy(family: str, rules: Sequence[Rule], chains: Sequence[Chain]) -> None:
    for rule in rules:
        _legacy(family, "-D", *shlex.split(rule.content.decode())[1:])
    for chain in chains:
        _legacy(family, "-X", chain.name)


def _legacy(family: str, *words: str) -> str:
    """By the name that the older tool has where nf_tables is the default, or else by its only name."""
    tool = iptables.TOOLS[family]
    if program_of_the_system(f"{tool}-legacy"):
        tool = f"{tool}-legacy"
    elif iptables.backend(family) != "legacy":
        raise PacketFilterFailed(
            f"{tool}-legacy, which made the rules, is gone from this host: install it again, to remove them"
        )
    ran = run([tool, "-w", str(iptables.LOCK_WAIT), *words])
    if ran.code != 0:
        raise PacketFilterFailed(f"{tool} {' '.join(words)}: {ran.message}")
    return ran.stdout
