"""The faults: one file each, in one order (schema, supported, undo, apply, prove, revert), one list here.

Plain imports, so that whatever packs the engine sees them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faults import (
    bad_certificate,
    bad_dns,
    bad_exchange,
    broken_module,
    clock,
    clock_step,
    corrupt,
    cpu_quota,
    database_lock,
    dead_output,
    dead_proxy,
    faulty_fs,
    fd_limit,
    fill,
    grown_log,
    memory_limit,
    network_block,
    network_cut,
    ram_volume,
    read_only,
    reader,
    rival,
    second_instance,
    slow_disk,
    throttle,
    vanish,
)
from fleet_stress.faults.protocol import Fault, Unsupported, Where
from fleet_stress.inner import all_steps

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        bad_certificate.FAULT,
        bad_dns.FAULT,
        bad_exchange.FAULT,
        broken_module.FAULT,
        clock.FAULT,
        clock_step.FAULT,
        corrupt.FAULT,
        cpu_quota.FAULT,
        database_lock.FAULT,
        dead_output.FAULT,
        dead_proxy.FAULT,
        faulty_fs.FAULT,
        fd_limit.FAULT,
        network_block.FAULT,
        network_cut.FAULT,
        fill.FAULT,
        grown_log.FAULT,
        memory_limit.FAULT,
        ram_volume.FAULT,
        reader.FAULT,
        read_only.FAULT,
        rival.FAULT,
        second_instance.FAULT,
        slow_disk.FAULT,
        throttle.FAULT,
        vanish.FAULT,
    )
}


def unsupported(steps: Sequence[Mapping[str, Any]], where: Where) -> Unsupported | None:
    """The first fault among a scenario's steps that this host cannot do, or None."""
    for step in all_steps(steps):
        if step["verb"] == "fault":
            found = FAULTS[step["args"]["fault"]].supported(where, step["args"]["args"])
            if found is not None:
                return found
    return None


def wanted(steps: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """With what an arena has to be made for the faults among a scenario's steps."""
    faults = [FAULTS[step["args"]["fault"]] for step in all_steps(steps) if step["verb"] == "fault"]
    return frozenset().union(*(fault.wants for fault in faults))


def any_by_user(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a fault among a scenario's steps can do without a network of the arena's own, by the bots' user."""
    return any(FAULTS[one["args"]["fault"]].by_user for one in all_steps(steps) if one["verb"] == "fault")


__all__ = ["FAULTS", "any_by_user", "unsupported", "wanted"]
