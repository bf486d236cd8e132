"""Who holds a lock file (flock(2)). ``recovery/host_lock.py`` takes such locks."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

#: Name of the file below the stress folder that a run, or a recovery, locks.
HOST_LOCK = "lock"


def holder_of(path: Path) -> dict[str, Any] | None:
    """What the holder of a lock wrote about itself; None when it is free. Raises OSError where we may not look."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return about_holder(descriptor)
    finally:
        os.close(descriptor)
    return None


def about_holder(descriptor: int) -> dict[str, Any]:
    """What is written in an open lock file; empty where its holder has not come to write it."""
    try:
        words = json.loads(os.pread(descriptor, 65536, 0))
    except ValueError:
        return {}
    return words if isinstance(words, dict) else {}
