"""A lease: until when something may stay without being renewed.

It is a file that the watchdog reads again at each look, so no timer is trusted. It uses a clock that nobody sets and
that continues during sleep. After a boot it has expired, as has everything that the kernel held.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.store import bounded_read
from fleet_stress.store.atomic import write_atomic


def grant(path: Path, seconds: float, *, latest: float | None = None) -> None:
    """Let it last for so many seconds from now. Raises OSError: then the previous lease is still valid.

    ``latest``: no renewal extends it beyond so many seconds from now.
    """
    now = system.boot_clock()
    end = None if latest is None else now + latest
    write_atomic(path, _document(seconds, now, end))


def renew(path: Path, seconds: float) -> float:
    """Let it last for so many seconds from now, but not beyond its latest moment; returns the seconds left.

    Raises OSError, and LookupError if there is no lease or it has expired: the watchdog may be undoing already.
    """
    held = _read(path)
    if held is None or _left(held) <= 0:
        raise LookupError(f"{path.stem} has no lease any more")
    document = _document(seconds, system.boot_clock(), held.get("latest"))
    write_atomic(path, document)
    return _left(document)


def left(path: Path) -> float:
    """Seconds left; 0 if it has expired, is missing or is unreadable."""
    held = _read(path)
    return 0.0 if held is None else max(0.0, _left(held))


def _document(seconds: float, now: float, latest: float | None) -> dict[str, Any]:
    until = now + seconds if latest is None else min(now + seconds, latest)
    return {"boot": system.boot_id(), "until": float(until), "latest": latest}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        held = bounded_read.document(path)
        return held if held["boot"] == system.boot_id() and isinstance(held["until"], float) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _left(held: dict[str, Any]) -> float:
    return float(held["until"]) - system.boot_clock()
