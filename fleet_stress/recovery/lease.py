"""A lease: until when something may stand without anybody renewing it.

It is a file, and whoever watches reads it again each time: no timer is trusted. It counts by a clock that nobody
sets and that goes on in sleep; after a boot it has run out, and so has whatever the kernel held.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.store.atomic import write_atomic


def grant(path: Path, seconds: float, *, latest: float | None = None) -> None:
    """Let it stand for so many seconds from now. Raises OSError: then the lease before this one holds.

    ``latest``: renewing never leads beyond so many seconds from now.
    """
    now = system.boot_clock()
    end = None if latest is None else now + latest
    write_atomic(path, _document(seconds, now, end))


def renew(path: Path, seconds: float) -> float:
    """Let it stand for so many seconds from now, not beyond its latest moment; returns what is left.

    Raises OSError, and LookupError where there is no lease, or one that has run out: whoever watches may be
    undoing already.
    """
    held = _read(path)
    if held is None or _left(held) <= 0:
        raise LookupError(f"{path.stem} has no lease any more")
    document = _document(seconds, system.boot_clock(), held.get("latest"))
    write_atomic(path, document)
    return _left(document)


def left(path: Path) -> float:
    """Seconds that it may still stand; 0 when it has run out, is missing or cannot be read."""
    held = _read(path)
    return 0.0 if held is None else max(0.0, _left(held))


def _document(seconds: float, now: float, latest: float | None) -> dict[str, Any]:
    until = now + seconds if latest is None else min(now + seconds, latest)
    return {"boot": system.boot_id(), "until": float(until), "latest": latest}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return held if held["boot"] == system.boot_id() and isinstance(held["until"], float) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _left(held: dict[str, Any]) -> float:
    return float(held["until"]) - system.boot_clock()
