"""The faults: one file each, in one order (schema, supported, apply, prove, revert), one list here.

Plain imports, so that whatever packs the engine sees them.
"""

from __future__ import annotations

from fleet_stress.faults import corrupt
from fleet_stress.faults.protocol import Fault

FAULTS: dict[str, Fault] = {fault.name: fault for fault in (corrupt.FAULT,)}

__all__ = ["FAULTS"]
