"""One run at a time on a host: an advisory lock that its holder's death releases (flock(2))."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

_NAME = "lock"
_MOMENT = 2.0


class Busy(Exception):
    """Another run holds the host; ``holder`` is what it wrote about itself."""

    def __init__(self, holder: dict[str, Any]) -> None:
        super().__init__(
            f"run {holder.get('run_id', '?')} (pid {holder.get('pid', '?')}) has been using this host"
            f" since {holder.get('since', '?')}"
        )
        self.holder = holder


class HostLock:
    """The lock of a host, held from construction until ``release`` or the process's death."""

    def __init__(self, stress_dir: Path, about: dict[str, Any]) -> None:
        """Take the lock, or raise Busy with its holder's words."""
        self._descriptor = os.open(stress_dir / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        # Whoever asks for the holder takes a shared lock for a moment: such a one is waited out.
        deadline = time.monotonic() + _MOMENT
        while not self._try():
            if time.monotonic() > deadline:
                about = _about(self._descriptor)
                os.close(self._descriptor)
                raise Busy(about)
            time.sleep(0.02)
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps(about).encode(), 0)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Give the host free."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def holder(stress_dir: Path) -> dict[str, Any] | None:
    """What the run that holds the host wrote about itself; None when the host is free."""
    try:
        descriptor = os.open(stress_dir / _NAME, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _about(descriptor)
    finally:
        os.close(descriptor)
    return None


def _about(descriptor: int) -> dict[str, Any]:
    try:
        about = json.loads(os.pread(descriptor, 65536, 0))
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}
