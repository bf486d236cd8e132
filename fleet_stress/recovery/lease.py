"""A lease: until when something may stay without being renewed.

It is a file that the watchdog reads again at each look, so no timer is trusted. It uses a clock that nobody sets and
that continues during sleep. After a boot it has expired, as has everything that the kernel held.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fleet_stress import system
from fleet_stress.store import bounded_read
from fleet_stress.store.atomic import write_atomic


class ForAnother(LookupError):
    """It is for another holder than the one who asked."""


def grant(path: Path, seconds: float, *, latest: float | None = None, holder: str | None = None) -> None:
    """Let it last for so many seconds from now. Raises OSError: then the previous lease is still valid.

    ``latest``: no renewal extends it beyond so many seconds from now. ``holder``: the id of whoever it is for.
    """
    now = system.boot_clock()
    end = None if latest is None else now + latest
    write_atomic(path, _document(seconds, now, end, holder))


def renew(path: Path, seconds: float, holder: str | None = None) -> float:
    """Let it last for so many seconds from now, but not beyond its latest moment; returns the seconds left.

    Raises OSError, and LookupError if there is no lease, it has expired (the watchdog may be undoing already), or it
    is for another than ``holder``.
    """
    held = _read(path)
    if held is None or _left(held) <= 0:
        raise LookupError(f"{path.stem} has no lease any more")
    check_holder(path, holder)
    document = _document(seconds, system.boot_clock(), held.get("latest"), held.get("holder"))
    write_atomic(path, document)
    return _left(document)


def is_for_another(path: Path, holder: str | None) -> bool:
    """Whether it has not expired, and is for another than ``holder``; None stands for everybody."""
    held = _read(path)
    return holder is not None and held is not None and _left(held) > 0 and held.get("holder") != holder


def check_holder(path: Path, holder: str | None) -> None:
    """Raises ForAnother if it is."""
    if is_for_another(path, holder):
        raise ForAnother(
            f"{unquote(path.stem)} is held on this host by somebody else; wait, or end it:"
            " ansible-playbook playbooks/recover.yml -e recover=force"
        )


def left(path: Path) -> float:
    """Seconds left; 0 if it has expired, is missing or is unreadable."""
    held = _read(path)
    return 0.0 if held is None else max(0.0, _left(held))


def _document(seconds: float, now: float, latest: float | None, holder: str | None) -> dict[str, Any]:
    until = now + seconds if latest is None else min(now + seconds, latest)
    return {"boot": system.boot_id(), "until": float(until), "latest": latest, "holder": holder}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        held = bounded_read.document(path)
        return held if held["boot"] == system.boot_id() and isinstance(held["until"], float) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _left(held: dict[str, Any]) -> float:
    return float(held["until"]) - system.boot_clock()
