"""A held fault that blocks hosts: idempotent, and undone by ``recover`` as well.

It outlives the process that made it, and ends with its lease (``records.py``) or by ``recover -e recover=force``.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fleet_stress.recovery import watchdog
from fleet_stress.recovery.manual.records import Records, records_of
from fleet_stress.recovery.undo import NotUndone
from fleet_stress.store.layout import mark_of
from fleet_stress.system.network import iptables, our_rules, packet_filter
from fleet_stress.system.network.packet_filter import families
from fleet_stress.system.network.packet_rules import PacketFilterFailed


class HostBlock(NamedTuple):
    """A block: our folder on the host, its name, the addresses, how, and whose packets (arguments of iptables)."""

    stress_dir: Path
    name: str
    addresses: Sequence[str]
    how: str
    only: Sequence[str]

    @property
    def mark(self) -> str:
        """By which its rules are found. Two of our folders on one host may hold blocks of the same name."""
        return f"{mark_of('by_hand', self.stress_dir)}/{self.name}"

    @property
    def chain(self) -> str:
        """Its chain, in both families."""
        return iptables.chain_of(self.mark)


def active_rules(chain: str) -> list[str]:
    """The active rules, as ``drop ADDRESS``; one that is not ours as it is. Raises PacketFilterFailed."""
    found: dict[str, None] = {}
    for family in families():
        if iptables.present(family, chain):
            for rule in _printed(family, chain):
                words = shlex.split(rule)
                if "-d" in words and "-j" in words:
                    address = words[words.index("-d") + 1].partition("/")[0]
                    rule = f"{words[words.index('-j') + 1].lower()} {address}"
                found[rule] = None
    return sorted(found)


def _printed(family: str, chain: str) -> list[str]:
    try:
        return iptables.rules(family, chain)
    except PacketFilterFailed as problem:
        return [str(problem)]


def rules_of(wanted: HostBlock) -> list[str]:
    """The rules of a block, in the same form."""
    return sorted({f"{wanted.how} {address}" for address in wanted.addresses})


def is_active(wanted: HostBlock) -> bool:
    """Whether exactly this block is active. Raises PacketFilterFailed."""
    return (
        all(iptables.led_to(family, wanted.chain, wanted.mark) for family in families())
        and active_rules(wanted.chain) == rules_of(wanted)
        and all(
            iptables.blocked(wanted.chain, address, wanted.how, wanted.mark, wanted.only)
            for address in wanted.addresses
        )
    )


def anything_left(wanted: HostBlock) -> bool:
    """Whether it has open records, or any of its rules exist. Raises PacketFilterFailed."""
    return bool(records_of(wanted.stress_dir, wanted.name)) or any(
        not our_rules.gone(**packet_filter.rules_of(family, wanted.mark)) for family in families()
    )


def hold(wanted: HostBlock, seconds: float, latest: float | None = None, holder: str | None = None) -> None:
    """Activate it for so many seconds, after its undo is on disk; ``holder``: nobody else may end or renew it.

    Raises ForAnother, PacketFilterFailed, OSError, NotUndone.
    """
    with Records(wanted.stress_dir, wanted.name) as records:
        records.check_holder(holder)
        _release(records, wanted)
        records.grant(seconds, latest, holder)
        watchdog.arm_for_held(wanted.stress_dir)
        for family in families():
            records.record("iptables_chain", **packet_filter.rules_of(family, wanted.mark))
        for family in families():
            iptables.build(family, wanted.chain, wanted.mark)
        for address in wanted.addresses:
            iptables.block(wanted.chain, address, wanted.how, wanted.mark, wanted.only)


def release(wanted: HostBlock, holder: str | None = None) -> None:
    """Remove it, and check. Raises ForAnother, PacketFilterFailed, NotUndone, OSError."""
    with Records(wanted.stress_dir, wanted.name) as records:
        records.check_holder(holder)
        _release(records, wanted)


def _release(records: Records, wanted: HostBlock) -> None:
    failures = records.undo()
    if failures:
        raise NotUndone("; ".join(failures))
    for family in families():  # rules without a record: somebody has cleared our folder
        our_rules.remove(**packet_filter.rules_of(family, wanted.mark))
