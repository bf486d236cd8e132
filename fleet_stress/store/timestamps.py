"""The time of day in records and results. No duration is measured with it (``recovery/lease.py``)."""

from __future__ import annotations

import datetime


def now() -> str:
    """UTC, to the second: ``2026-11-24T14:12:00+00:00``."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
