"""The faults: one file each, in one order (schema, supported, undo, apply, prove, revert), one list here.

Plain imports, so that whatever packs the engine sees them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faults import (
    broken_module,
    clock,
    clock_step,
    corrupt,
    dead_proxy,
    faulty_fs,
    fill,
    grown_log,
    network_block,
    network_cut,
    ram_volume,
    rival,
    slow_disk,
    throttle,
)
from fleet_stress.faults.protocol import Fault, Unsupported, Where
from fleet_stress.inner import all_steps

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        broken_module.FAULT,
        clock.FAULT,
        clock_step.FAULT,
        corrupt.FAULT,
        dead_proxy.FAULT,
        faulty_fs.FAULT,
        network_block.FAULT,
        network_cut.FAULT,
        fill.FAULT,
        grown_log.FAULT,
        ram_volume.FAULT,
        rival.FAULT,
        slow_disk.FAULT,
        throttle.FAULT,
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


def any_by_user(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a fault among a scenario's steps can do without a network of the arena's own, by the bots' user."""
    return any(FAULTS[one["args"]["fault"]].by_user for one in all_steps(steps) if one["verb"] == "fault")


__all__ = ["FAULTS", "any_by_user", "unsupported"]
