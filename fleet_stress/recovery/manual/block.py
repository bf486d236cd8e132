"""Hosts blocked by hand, for as long as a person wants it: idempotent, and undone by ``recover`` as well.

The block outlives whoever made it, and ends with its lease (``records.py``) or by ``recover -e recover=force``.
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


class Wanted(NamedTuple):
    """One block by its name: from which addresses, how, and for whom (arguments of iptables)."""

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


def standing(chain: str) -> list[str]:
    """What stands, one ``drop ADDRESS`` a rule and address. Raises PacketFilterFailed."""
    found: dict[str, None] = {}
    for family in families():
        if iptables.present(family, chain):
            for rule in iptables.rules(family, chain):
                words = shlex.split(rule)
                address = words[words.index("-d") + 1].partition("/")[0]
                found[f"{words[words.index('-j') + 1].lower()} {address}"] = None
    return sorted(found)


def described(wanted: Wanted) -> list[str]:
    """The same of what is wanted."""
    return sorted({f"{wanted.how} {address}" for address in wanted.addresses})


def stands(wanted: Wanted) -> bool:
    """Whether just that stands, whole. Raises PacketFilterFailed."""
    return (
        all(iptables.led_to(family, wanted.chain) for family in families())
        and standing(wanted.chain) == described(wanted)
        and all(
            iptables.blocked(wanted.chain, one, wanted.how, wanted.mark, wanted.only)
            for one in wanted.addresses
        )
    )


def left(chain: str) -> bool:
    """Whether anything of it is there. Raises PacketFilterFailed."""
    return any(iptables.present(family, chain) for family in families())


def put(stress_dir: Path, wanted: Wanted, seconds: float, latest: float | None = None) -> None:
    """Make it stand for so many seconds; how to undo it is on disk before. Raises PacketFilterFailed, OSError."""
    with Records(stress_dir, wanted.name) as records:
        _take(records, wanted.chain)
        records.grant(seconds, latest)
        watchdog.arm_for_held(stress_dir)
        for family in families():
            records.record("iptables_chain", family=family, chain=wanted.chain)
        for family in families():
            iptables.build(family, wanted.chain)
        for address in wanted.addresses:
            iptables.block(wanted.chain, address, wanted.how, wanted.mark, wanted.only)


def take(stress_dir: Path, wanted: Wanted) -> None:
    """Take it away, and look. Raises PacketFilterFailed, NotUndone, OSError."""
    with Records(stress_dir, wanted.name) as records:
        _take(records, wanted.chain)


def _take(records: Records, chain: str) -> None:
    failures = records.undo()
    if failures:
        raise NotUndone("; ".join(failures))
    for family in families():  # whatever stands without a record: somebody has cleared our folder
        iptables.remove(family, chain)
