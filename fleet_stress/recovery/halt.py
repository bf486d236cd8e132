"""A halted host accepts no run and no fault until somebody releases it: one file, which holds the reason."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.store import timestamps
from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.bare_python.halt_record import NAME as NAME
from fleet_stress.store.bare_python.halt_record import halted as halted


def halt(stress_dir: Path, reason: str, by: str) -> bool:
    """Forbid new runs and faults; False if it is already halted like that. Raises OSError."""
    known = halted(stress_dir)
    if known is not None and (known["reason"], known["by"]) == (reason, by):
        return False
    write_atomic(stress_dir / NAME, {"reason": reason, "by": by, "since": timestamps.now()}, mode=0o644)
    return True


def release(stress_dir: Path) -> bool:
    """Allow them again; False if the host was not halted. Raises OSError."""
    known = (stress_dir / NAME).exists()
    (stress_dir / NAME).unlink(missing_ok=True)
    return known


def sentence(stress_dir: Path) -> str | None:
    """Who halted this host, why, and what to do; None: it is not halted."""
    found = halted(stress_dir)
    if found is None:
        return None
    return (
        f"this host was halted at {found['since']} by {found['by']}: {found['reason']}."
        " Release it with: ansible-playbook playbooks/halt.yml -e release=true"
    )
