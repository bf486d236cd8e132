"""A host that is halted takes no run and no fault until somebody releases it. One file, with the reason in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fleet_stress.store import timestamps
from fleet_stress.store.atomic import write_atomic

NAME = "halted.json"


def halt(stress_dir: Path, reason: str, by: str) -> bool:
    """Forbid whatever is new; False where just that stands already. Raises OSError."""
    known = halted(stress_dir)
    if known is not None and (known.get("reason"), known.get("by")) == (reason, by):
        return False
    write_atomic(stress_dir / NAME, {"reason": reason, "by": by, "since": timestamps.now()}, mode=0o644)
    return True


def release(stress_dir: Path) -> bool:
    """Allow it again; False where nothing was forbidden. Raises OSError."""
    known = (stress_dir / NAME).exists()
    (stress_dir / NAME).unlink(missing_ok=True)
    return known


def halted(stress_dir: Path) -> dict[str, Any] | None:
    """``reason``, ``by`` and ``since`` of a halted host. One that cannot be read halts as well."""
    try:
        text = (stress_dir / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as problem:
        return {"reason": f"{NAME} cannot be read: {problem}", "by": "?", "since": "?"}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"reason": f"{NAME} is damaged", "by": "?", "since": "?"}


def sentence(stress_dir: Path) -> str | None:
    """Who halted this host, why, and what to do; None where it is not halted."""
    found = halted(stress_dir)
    if found is None:
        return None
    return (
        f"this host was halted at {found.get('since')} by {found.get('by')}: {found.get('reason')}."
        " Release it with: ansible-playbook playbooks/halt.yml -e release=true"
    )
