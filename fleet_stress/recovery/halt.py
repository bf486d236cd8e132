"""A host that is halted takes no run and no fault until somebody releases it. One file, with the reason in it."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.store import timestamps
from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.shipped.halt_record import NAME as NAME
from fleet_stress.store.shipped.halt_record import halted as halted


def halt(stress_dir: Path, reason: str, by: str) -> bool:
    """Forbid whatever is new; False where it is halted so already. Raises OSError."""
    known = halted(stress_dir)
    if known is not None and (known["reason"], known["by"]) == (reason, by):
        return False
    write_atomic(stress_dir / NAME, {"reason": reason, "by": by, "since": timestamps.now()}, mode=0o644)
    return True


def release(stress_dir: Path) -> bool:
    """Allow it again; False where nothing was forbidden. Raises OSError."""
    known = (stress_dir / NAME).exists()
    (stress_dir / NAME).unlink(missing_ok=True)
    return known


def sentence(stress_dir: Path) -> str | None:
    """Who halted this host, why, and what to do; None where it is not halted."""
    found = halted(stress_dir)
    if found is None:
        return None
    return (
        f"this host was halted at {found['since']} by {found['by']}: {found['reason']}."
        " Release it with: ansible-playbook playbooks/halt.yml -e release=true"
    )
