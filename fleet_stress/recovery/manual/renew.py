"""Renews a held fault: the operator's session extends its lease again and again."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.recovery import lease, watchdog
from fleet_stress.recovery.manual import records


def renew(stress_dir: Path, name: str, seconds: float, holder: str | None = None) -> float:
    """Extend it to so many seconds from now, within its latest moment; returns the seconds left.

    A watchdog that was killed meanwhile is armed again. Raises LookupError if it is not held any more, or not for that
    ``holder`` (None: for whoever); OSError, NotArmed: then it ends with its present lease.
    """
    with records.Records(stress_dir, name):
        if not records.records_of(stress_dir, name):
            raise LookupError(f"{name} is not held on this host any more")
        left = lease.renew(records.lease_of(stress_dir, name), seconds, holder)
    watchdog.arm_for_held(stress_dir)
    return left
