"""Renewing what is held: whoever watches it says again and again that it may stand."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.recovery import lease, watchdog
from fleet_stress.recovery.manual import records


def renew(stress_dir: Path, name: str, seconds: float) -> float:
    """Let it stand for so many seconds from now, within its latest moment; returns what is left.

    A watchdog that was killed meanwhile is armed again. Raises LookupError where it is not held any more, and
    OSError, NotArmed: then it ends with the lease that it has.
    """
    with records.Records(stress_dir, name):
        if not records.standing(stress_dir, name):
            raise LookupError(f"{name} is not held on this host any more")
        left = lease.renew(records.lease_of(stress_dir, name), seconds)
    watchdog.arm_for_held(stress_dir)
    return left
