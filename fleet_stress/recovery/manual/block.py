"""A held fault that blocks hosts: idempotent, and undone by ``recover`` as well.

It outlives the process that made it, and ends with its lease (``records.py``) or by ``recover -e recover=force``.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fleet_stress.recovery import watchdog
from fleet_stress.recovery.manual.records import Records
from fleet_stress.recovery.undo import NotUndone
from fleet_stress.system.network import iptables
from fleet_stress.system.network.packet_filter import families


class HostBlock(NamedTuple):
    """A block: its name, the addresses, how, and whose packets (arguments of iptables)."""

    name: str
    addresses: Sequence[str]
    how: str
    only: Sequence[str]

    @property
    def mark(self) -> str:
        """Comment of its rules."""
        return f"by_hand/{self.name}"

    @property
    def chain(self) -> str:
        """Its chain, in both families."""
        return iptables.chain_of(self.mark)


def active_rules(chain: str) -> list[str]:
    """The active rules, as ``drop ADDRESS``. Raises PacketFilterFailed."""
    found: dict[str, None] = {}
    for family in families():
        if iptables.present(family, chain):
            for rule in iptables.rules(family, chain):
                words = shlex.split(rule)
                address = words[words.index("-d") + 1].partition("/")[0]
                found[f"{words[words.index('-j') + 1].lower()} {address}"] = None
    return sorted(found)


def rules_of(wanted: HostBlock) -> list[str]:
    """The rules of a block, in the same form."""
    return sorted({f"{wanted.how} {address}" for address in wanted.addresses})


def is_active(wanted: HostBlock) -> bool:
    """Whether exactly this block is active. Raises PacketFilterFailed."""
    return (
        all(iptables.led_to(family, wanted.chain) for family in families())
        and active_rules(wanted.chain) == rules_of(wanted)
        and all(
            iptables.blocked(wanted.chain, address, wanted.how, wanted.mark, wanted.only)
            for address in wanted.addresses
        )
    )


def anything_left(chain: str) -> bool:
    """Whether any of its rules exist. Raises PacketFilterFailed."""
    return any(iptables.present(family, chain) for family in families())


def hold(stress_dir: Path, wanted: HostBlock, seconds: float, latest: float | None = None) -> None:
    """Activate it for so many seconds, after its undo is on disk. Raises PacketFilterFailed, OSError."""
    with Records(stress_dir, wanted.name) as records:
        _release(records, wanted.chain)
        records.grant(seconds, latest)
        watchdog.arm_for_held(stress_dir)
        for family in families():
            records.record("iptables_chain", family=family, chain=wanted.chain)
        for family in families():
            iptables.build(family, wanted.chain)
        for address in wanted.addresses:
            iptables.block(wanted.chain, address, wanted.how, wanted.mark, wanted.only)


def release(stress_dir: Path, wanted: HostBlock) -> None:
    """Remove it, and check. Raises PacketFilterFailed, NotUndone, OSError."""
    with Records(stress_dir, wanted.name) as records:
        _release(records, wanted.chain)


def _release(records: Records, chain: str) -> None:
    failures = records.undo()
    if failures:
        raise NotUndone("; ".join(failures))
    for family in families():  # rules without a record: somebody has cleared our folder
        iptables.remove(family, chain)
